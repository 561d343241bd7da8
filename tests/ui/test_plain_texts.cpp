// Names and sentences of a person that look like markup are shown as they were typed, in labels, questions and
// tooltips.

#include <QApplication>
#include <QLabel>
#include <QMessageBox>
#include <QTest>
#include <QToolTip>

#include "teach_fixture.h"
#include "ui/shell/plain_texts.h"

using hearsay::ui::brokenIntoLines;

class TestPlainTexts : public QObject, TeachFixture {
  Q_OBJECT
 private Q_SLOTS:
  void init() { open(); }
  void cleanup() { close(); }

  void namesAreNoMarkup() {
    app_->setClasses(hearsay::parse_classes("<b>dogs</b> barking\n<b>dog</b> barking"));
    auto* hint = find<QLabel>("classHint");
    QVERIFY2(hint->text().contains("<b>dogs</b> barking"), qPrintable(hint->text()));
    for (const char* name : {"classHint", "startSummary", "similarityWords", "resultDetails", "verdictLabel",
                             "unfinishedText", "gainsTitle", "captionSummary"}) {
      auto* label = find<QLabel>(name);
      label->ensurePolished();  // as when it is shown first
      QCOMPARE(label->textFormat(), Qt::PlainText);
    }
    int rich = 0;  // what we marked up ourselves
    for (const QLabel* label : page_->findChildren<QLabel*>()) rich += label->textFormat() == Qt::RichText ? 1 : 0;
    QCOMPARE(rich, 1);
  }

  void tooltipsAreNoMarkup() {
    QToolTip::showText(page_->mapToGlobal(QPoint(20, 20)), QStringLiteral("<b>dogs</b> barking"), page_.get());
    const auto* tip = tooltip();
    QVERIFY(tip != nullptr);
    QCOMPARE(tip->text(), QString("<b>dogs</b> barking"));
    QCOMPARE(tip->textFormat(), Qt::PlainText);
  }

  void questionsAreNoMarkup() {
    QMessageBox question(QMessageBox::Question, "Dogs", "<b>dogs</b> barking", QMessageBox::Ok, page_.get());
    question.open();
    QCOMPARE(question.textFormat(), Qt::PlainText);
  }

  void longTooltipsAreBrokenBetweenWords() {
    QCOMPARE(brokenIntoLines("a dog barks at the moon", 9), QString("a dog\nbarks at\nthe moon"));
    QCOMPARE(brokenIntoLines("field/recordings/night.wav\n\na dog", 9),
             QString("field/rec\nordings/n\night.wav\n\na dog"));
  }

 private:
  static const QLabel* tooltip() {
    for (const QWidget* widget : QApplication::topLevelWidgets()) {
      if (widget->inherits("QTipLabel") && widget->isVisible()) return qobject_cast<const QLabel*>(widget);
    }
    return nullptr;
  }
};

QTEST_MAIN(TestPlainTexts)
#include "test_plain_texts.moc"
