#include "ui/teach/text_file_kind.h"

#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>
#include <QRegularExpression>
#include <QStringList>
#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/files.h"
#include "prompts/class_table.h"

namespace hearsay::ui {
namespace {

constexpr int kFewWords = 4;    // a class's name has so many at most, as a rule
constexpr int kManyWords = 10;  // and more than so many never
constexpr int kClearly = 4;     // so many times as frequent
constexpr int kLinesShown = 3;  // of the file, in the question

// Words that sentences have, or begin with, and names of sounds hardly ever.
const QStringList kInSentences = {"is", "are", "was", "were", "has", "have", "as", "while", "then", "when", "after"};
const QStringList kBeginSentences = {"a", "an", "the", "some", "several", "two", "many", "there", "someone", "it"};

TextFileKind kindOfLine(const QString& line) {
  if (line.contains('|')) return TextFileKind::Classes;
  const QString name = line.section(QStringLiteral(": "), 0, 0).simplified();  // a description may stand behind it
  static const QRegularExpression stop(QStringLiteral("[.!?][\"'”’)]*$"));
  const QStringList words = name.toLower().split(' ', Qt::SkipEmptyParts);
  if (words.size() > kManyWords || (name.contains(stop) && words.size() > 1)) return TextFileKind::Sentences;
  const auto tells = [](const QString& word) { return kInSentences.contains(word); };
  const bool sentence =
      !words.isEmpty() && (kBeginSentences.contains(words.front()) || std::any_of(words.begin(), words.end(), tells));
  if (words.size() < kFewWords) return sentence ? TextFileKind::Unclear : TextFileKind::Classes;
  if (sentence) return TextFileKind::Sentences;
  return words.size() == kFewWords ? TextFileKind::Classes : TextFileKind::Unclear;
}

TextFileKind kindOfTable(const std::filesystem::path& file) {
  return lists_classes(read_text_file(file), file.extension().string()) ? TextFileKind::Classes
                                                                        : TextFileKind::Sentences;
}

QStringList saidLines(const QString& file) {
  QStringList lines;
  for (const std::string& line : split_lines(read_text_file(file.toStdString()))) {
    const QString text = QString::fromStdString(line).simplified();
    if (!text.isEmpty() && !text.startsWith('#')) lines.append(text);
  }
  return lines;
}

}  // namespace

TextFileKind kindOfTextFile(const QString& file) {
  try {
    if (!file.endsWith(QLatin1String(".txt"), Qt::CaseInsensitive)) return kindOfTable(file.toStdString());
    qsizetype classes = 0;
    qsizetype sentences = 0;
    const QStringList lines = saidLines(file);
    for (const QString& line : lines) {
      const TextFileKind kind = kindOfLine(line);
      classes += kind == TextFileKind::Classes ? 1 : 0;
      sentences += kind == TextFileKind::Sentences ? 1 : 0;
    }
    const qsizetype either = lines.size() - classes - sentences;
    if (lines.isEmpty() || (sentences >= kClearly * classes && sentences >= either)) return TextFileKind::Sentences;
    return classes >= kClearly * sentences && classes >= either ? TextFileKind::Classes : TextFileKind::Unclear;
  } catch (const Error&) {
    return TextFileKind::Sentences;
  }
}

void askTextFileKind(QWidget* window, const QString& file, std::function<void(TextFileKind)> then) {
  QStringList first;
  try {
    first = saidLines(file).mid(0, kLinesShown);
  } catch (const Error&) {  // gone since it was looked at
  }
  auto* question = new QMessageBox(window);
  question->setObjectName(QStringLiteral("textFileQuestion"));
  question->setAttribute(Qt::WA_DeleteOnClose);
  question->setIcon(QMessageBox::Question);
  question->setWindowTitle(QObject::tr("Sounds or sentences?"));
  question->setTextFormat(Qt::PlainText);
  question->setText(QObject::tr("Does %1 list sounds to tell apart, or sentences to learn from? It begins so:\n\n%2")
                        .arg(QFileInfo(file).fileName(), first.join('\n')));
  auto* sounds = question->addButton(QObject::tr("Sounds"), QMessageBox::AcceptRole);
  sounds->setToolTip(QObject::tr("They become the list of sounds; undo brings yours back"));
  auto* sentences = question->addButton(QObject::tr("Sentences"), QMessageBox::AcceptRole);
  sentences->setToolTip(QObject::tr("Prompts are learnt from them; the list of sounds stays"));
  question->setDefaultButton(question->addButton(QMessageBox::Cancel));
  QObject::connect(question, &QMessageBox::buttonClicked, window,
                   [sounds, sentences, then = std::move(then)](const QAbstractButton* pressed) {
                     if (pressed == sounds) then(TextFileKind::Classes);
                     if (pressed == sentences) then(TextFileKind::Sentences);
                   });
  question->open();
}

}  // namespace hearsay::ui
