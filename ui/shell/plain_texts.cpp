#include "ui/shell/plain_texts.h"

#include <QCoreApplication>
#include <QEvent>
#include <QLabel>
#include <QStringList>
#include <utility>

namespace hearsay::ui {
namespace {

constexpr auto kName = "plainTexts";

/// Every label comes by here before it is shown first, those of tooltips and message boxes too.
class PlainTexts : public QObject {
 public:
  using QObject::QObject;

  bool eventFilter(QObject* watched, QEvent* event) override {
    if (event->type() != QEvent::Polish) return false;
    auto* label = qobject_cast<QLabel*>(watched);
    if (label != nullptr && label->textFormat() == Qt::AutoText) label->setTextFormat(Qt::PlainText);
    return false;
  }
};

QString broken(const QString& line, int letters) {
  QStringList lines;
  QString current;
  for (QString word : line.split(' ')) {
    for (; word.size() > letters; word.remove(0, letters)) {  // a path has no blanks
      if (!current.isEmpty()) lines.append(std::exchange(current, QString()));
      lines.append(word.left(letters));
    }
    if (!current.isEmpty() && current.size() + 1 + word.size() > letters) {
      lines.append(current);
      current.clear();
    }
    current += current.isEmpty() ? word : ' ' + word;
  }
  lines.append(current);
  return lines.join('\n');
}

}  // namespace

void showTextsAsTheyAre() {
  QCoreApplication* program = QCoreApplication::instance();
  if (program == nullptr || program->findChild<QObject*>(kName, Qt::FindDirectChildrenOnly) != nullptr) return;
  auto* filter = new PlainTexts(program);
  filter->setObjectName(kName);
  program->installEventFilter(filter);
}

QString brokenIntoLines(const QString& text, int letters) {
  QStringList lines;
  for (const QString& line : text.split('\n')) lines.append(broken(line, letters));
  return lines.join('\n');
}

}  // namespace hearsay::ui
