#include "ui/charts/format.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>
#include <cmath>

namespace hearsay::ui {

namespace {

QString two(qint64 value) {
  return QStringLiteral("%1").arg(value, 2, 10, QLatin1Char('0'));
}

}  // namespace

QString percentText(double share) {
  if (!std::isfinite(share)) return QStringLiteral("–");
  return QCoreApplication::translate("hearsay::ui", "%1 %").arg(QLocale().toString(std::round(share * 100.0), 'f', 0));
}

QString durationText(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0.0) return {};
  if (seconds < 59.95) {
    return QCoreApplication::translate("hearsay::ui", "%1 s").arg(QLocale().toString(seconds, 'f', 1));
  }
  const auto whole = static_cast<qint64>(std::llround(seconds));
  if (whole < 3600) {
    return QCoreApplication::translate("hearsay::ui", "%1:%2 min").arg(whole / 60).arg(two(whole % 60));
  }
  return QCoreApplication::translate("hearsay::ui", "%1:%2:%3 h")
      .arg(whole / 3600)
      .arg(two(whole / 60 % 60), two(whole % 60));
}

QString clockText(double seconds, int digits) {
  seconds = std::max(0.0, seconds);
  const double scale = std::pow(10.0, digits);
  const double rounded = std::round(seconds * scale) / scale;
  if (rounded < 60.0) {
    return QCoreApplication::translate("hearsay::ui", "%1 s").arg(QLocale().toString(rounded, 'f', digits));
  }
  const auto whole = static_cast<qint64>(std::floor(rounded));
  QString tail;
  if (digits > 0) tail = QLocale().toString(rounded - static_cast<double>(whole), 'f', digits).mid(1);
  if (whole < 3600) return QStringLiteral("%1:%2%3").arg(whole / 60).arg(two(whole % 60), tail);
  return QStringLiteral("%1:%2:%3%4").arg(whole / 3600).arg(two(whole / 60 % 60), two(whole % 60), tail);
}

QString cosineText(double cosine) {
  if (!std::isfinite(cosine)) return QStringLiteral("–");
  const double rounded = std::round(cosine * 100.0) / 100.0;
  return QLocale().toString(rounded == 0.0 ? 0.0 : rounded, 'f', 2).replace(QLatin1Char('-'), QChar(0x2212));
}

QString isolated(const QString& name) {
  return name.isEmpty() ? name : kNameBegins + name + kNameEnds;
}

QString filesText(int count) {
  if (count == 1) return QCoreApplication::translate("hearsay::ui", "1 file");
  return QCoreApplication::translate("hearsay::ui", "%1 files").arg(QLocale().toString(count));
}

QString classesText(int count) {
  if (count == 1) return QCoreApplication::translate("hearsay::ui", "1 class");
  return QCoreApplication::translate("hearsay::ui", "%1 classes").arg(QLocale().toString(count));
}

}  // namespace hearsay::ui
