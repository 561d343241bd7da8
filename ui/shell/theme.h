#pragma once
// Light, dark, or as the desktop says (also when the desktop changes its mind while the window is open).

#include <QObject>
#include <QString>

namespace hearsay::ui {

enum class ThemeChoice { System, Light, Dark };

class Theme : public QObject {
  Q_OBJECT
 public:
  explicit Theme(QObject* parent = nullptr);
  void choose(ThemeChoice choice);
  [[nodiscard]] ThemeChoice choice() const { return choice_; }

 private Q_SLOTS:
  void portalChanged(const QString& group, const QString& key);

 private:
  void apply();
  void askDesktop();

  ThemeChoice choice_ = ThemeChoice::System;
  int desktopScheme_ = 0;  ///< the portal's number: 0 no preference, 1 dark, 2 light
  QString firstStyle_;     ///< the desktop's own style
};

}  // namespace hearsay::ui
