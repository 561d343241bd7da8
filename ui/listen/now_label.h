#pragma once
// What is heard now, in words that can be read from across the room.

#include <QColor>
#include <QString>
#include <QWidget>

namespace hearsay::ui {

class NowLabel : public QWidget {
  Q_OBJECT
 public:
  explicit NowLabel(QWidget* parent = nullptr);
  /// `words`: large; `number`: beside them; `below`: a small second line. `sure` false: muted. An invalid colour: none.
  void say(const QString& words, const QString& number, const QString& below, const QColor& colour, bool sure);
  [[nodiscard]] QString words() const { return words_; }
  [[nodiscard]] QString number() const { return number_; }
  [[nodiscard]] QString below() const { return below_; }
  [[nodiscard]] QSize sizeHint() const override;
  [[nodiscard]] QSize minimumSizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  [[nodiscard]] QString belowIn(int room) const;
  [[nodiscard]] QFont largeFont(int width) const;

  QString words_;
  QString number_;
  QString below_;
  QColor colour_;
  bool sure_ = false;
};

}  // namespace hearsay::ui
