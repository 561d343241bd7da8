#include "ui/shell/theme.h"

#include <QApplication>
#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QPalette>
#include <QStyle>

#include "ui/charts/colours.h"
#include "ui/shell/readable_fusion.h"

namespace hearsay::ui {
namespace {

constexpr auto kService = "org.freedesktop.portal.Desktop";
constexpr auto kPath = "/org/freedesktop/portal/desktop";
constexpr auto kInterface = "org.freedesktop.portal.Settings";
constexpr auto kGroup = "org.freedesktop.appearance";
constexpr auto kKey = "color-scheme";

struct Shades {
  QRgb window, base, alternate, button, text, hint, faint, line, accent, link;
};

constexpr Shades kDark{0xff202327, 0xff17191c, 0xff1d2024, 0xff2c3036, 0xffe6e8ea,
                       0xff9aa0a8, 0xff868c94, 0xff111316, 0xff2f7fc1, 0xff6fb6ee};
constexpr Shades kLight{0xfff3f4f6, 0xffffffff, 0xfff5f7f9, 0xffe9ebee, 0xff1c1f23,
                        0xff666c74, 0xff868c94, 0xffb9bec5, 0xff1f6fb2, 0xff0b62a8};

QPalette paletteOf(const Shades& s) {
  const QColor window = QColor::fromRgb(s.window);
  const QColor text = QColor::fromRgb(s.text);
  const QColor faint = QColor::fromRgb(s.faint);
  QPalette palette(text, QColor::fromRgb(s.button), window.lighter(130), QColor::fromRgb(s.line), faint, text,
                   Qt::white, QColor::fromRgb(s.base), window);
  palette.setColor(QPalette::AlternateBase, QColor::fromRgb(s.alternate));
  palette.setColor(QPalette::Highlight, QColor::fromRgb(s.accent));
  palette.setColor(QPalette::HighlightedText, Qt::white);
  palette.setColor(QPalette::Link, QColor::fromRgb(s.link));
  palette.setColor(QPalette::LinkVisited, QColor::fromRgb(s.link));
  palette.setColor(QPalette::ToolTipBase, QColor::fromRgb(s.base));
  palette.setColor(QPalette::ToolTipText, text);
  palette.setColor(QPalette::PlaceholderText, QColor::fromRgb(s.hint));
  palette.setColor(QPalette::Mid, QColor::fromRgb(s.line));
  for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText}) {
    palette.setColor(QPalette::Disabled, role, faint);
  }
  palette.setColor(QPalette::Disabled, QPalette::Highlight, QColor::fromRgb(s.button));
  return palette;
}

/// By name; our own where it is Fusion.
void useStyle(const QString& name) {
  if (name.compare(QStringLiteral("fusion"), Qt::CaseInsensitive) == 0) {
    QApplication::setStyle(new ReadableFusion);  // the application owns it
  } else {
    QApplication::setStyle(name);
  }
}

}  // namespace

Theme::Theme(QObject* parent) : QObject(parent), firstStyle_(QApplication::style()->objectName()) {
  QDBusConnection bus = QDBusConnection::sessionBus();
  if (!bus.isConnected()) return;
  bus.connect(kService, kPath, kInterface, "SettingChanged", this, SLOT(portalChanged(QString, QString)));
  askDesktop();
}

void Theme::askDesktop() {
  QDBusMessage question = QDBusMessage::createMethodCall(kService, kPath, kInterface, "Read");
  question << QString(kGroup) << QString(kKey);
  auto* watcher = new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(question), this);
  connect(watcher, &QDBusPendingCallWatcher::finished, this, [this](QDBusPendingCallWatcher* done) {
    done->deleteLater();
    const QDBusPendingReply<QDBusVariant> reply = *done;
    if (reply.isError()) return;  // no portal: Qt's own palette is all there is to follow
    QVariant value = reply.value().variant();
    if (value.canConvert<QDBusVariant>()) value = value.value<QDBusVariant>().variant();
    desktopScheme_ = value.toInt();
    apply();
  });
}

void Theme::portalChanged(const QString& group, const QString& key) {
  if (group == kGroup && key == kKey) askDesktop();
}

void Theme::choose(ThemeChoice choice) {
  choice_ = choice;
  apply();
}

void Theme::apply() {
  if (choice_ == ThemeChoice::System) {
    useStyle(firstStyle_);
    QApplication::setPalette(QPalette());
    if (desktopScheme_ == 0 || isDark(QApplication::palette()) == (desktopScheme_ == 1)) return;
  }
  const bool dark = choice_ == ThemeChoice::Dark || (choice_ == ThemeChoice::System && desktopScheme_ == 1);
  useStyle(QStringLiteral("fusion"));
  QApplication::setPalette(paletteOf(dark ? kDark : kLight));
}

}  // namespace hearsay::ui
