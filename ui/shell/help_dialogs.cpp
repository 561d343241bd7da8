#include "ui/shell/help_dialogs.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QLabel>
#include <QVBoxLayout>
#include <utility>

#include "ui/shell/icons.h"

namespace hearsay::ui {
namespace {

QString tr(const char* text) {
  return QCoreApplication::translate("Help", text);
}

QDialog* makeDialog(QWidget* window, const QString& name, const QString& title) {
  auto* dialog = new QDialog(window);
  dialog->setObjectName(name);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(title);
  auto* column = new QVBoxLayout(dialog);
  column->setContentsMargins(24, 24, 24, 16);
  column->setSpacing(16);
  return dialog;
}

void finish(QDialog* dialog) {
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
  QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::close);
  dialog->layout()->addWidget(buttons);
  dialog->show();
}

QString row(const QString& keys, const QString& what) {
  return QStringLiteral("<tr><td style='padding:2px 24px 2px 0'><b>%1</b></td><td style='padding:2px 0'>%2</td></tr>")
      .arg(keys, what);
}

}  // namespace

void showShortcuts(QWidget* window) {
  QDialog* dialog = makeDialog(window, QStringLiteral("shortcutsDialog"), tr("Keyboard shortcuts"));
  const std::pair<const char*, QString> rows[] = {
      {"Ctrl+1 … Ctrl+5", tr("Teach, Listen, Files, Label, Models")},
      {"Ctrl+Return", tr("Teach: start tuning")},
      {"Ctrl+C, Ctrl+V",
       tr("Teach: copy the chosen classes, paste into the table, one a line or cells of a spreadsheet")},
      {"F2, Delete", tr("Teach: rename a class, remove the chosen ones")},
      {"Alt+Up, Alt+Down", tr("Teach: move the chosen classes")},
      {"Space", tr("Listen: start, stop; elsewhere: play the chosen sound")},
      {"Enter, Ctrl+S, Delete, Ctrl+Z", tr("Listen, in the events: play, save as WAV, delete, bring back")},
      {"P", tr("Listen: pause the view, and go on")},
      {"Ctrl+F", tr("Teach: find a class; Files: search")},
      {"Enter, 1 … 9, 0, /", tr("Label: accept the suggestion, choose a class, find a class")},
      {"S, N, B", tr("Label: skip, next, back")},
      {"Backspace, Delete",
       tr("Label: clear the clip, remove the chosen region (a number key gives it another class)")},
      {"Wheel, +, −", tr("In a chart over time: zoom; with Shift the wheel moves along")},
      {"Ctrl+Z, Ctrl+Shift+Z", tr("Undo, redo on the page that is shown")},
      {"Ctrl+O, Ctrl+S", tr("Open, save the prompt set")},
      {"Ctrl+Shift+S", tr("Save the prompt set under another name")},
      {"Ctrl+Shift+O", tr("Open sound files")},
      {"F11", tr("Full screen")},
      {"Ctrl+Q", tr("Quit")},
  };
  QString table = QStringLiteral("<table>");
  for (const auto& [keys, what] : rows) table += row(QString::fromUtf8(keys), what);
  auto* label = new QLabel(table + QStringLiteral("</table>"));
  label->setTextFormat(Qt::RichText);
  dialog->layout()->addWidget(label);
  finish(dialog);
}

void showAbout(QWidget* window) {
  QDialog* dialog = makeDialog(window, QStringLiteral("aboutDialog"), tr("About Hearsay"));
  auto* top = new QHBoxLayout;
  top->setSpacing(24);
  auto* picture = new QLabel;
  picture->setPixmap(programIcon().pixmap(QSize(96, 96), window->devicePixelRatioF()));
  top->addWidget(picture, 0, Qt::AlignTop);
  auto* text = new QLabel(
      QStringLiteral("<h2>Hearsay %1</h2><p>%2</p><p>%3</p><p>%4</p>")
          .arg(QStringLiteral(HEARSAY_VERSION), tr("Teach a sound classifier with words alone."),
               tr("Prompts are tuned from text only, after <a href='https://arxiv.org/abs/2309.08357'>arXiv "
                  "2309.08357</a>; sounds are named by a CLAP model on this machine. Nothing leaves it."),
               tr("Free software under the GNU General Public License, version 3 or later. With Qt, LibTorch, "
                  "QCustomPlot, PortAudio, libsndfile, FFmpeg, soxr, ICU and SQLite.")));
  text->setTextFormat(Qt::RichText);
  text->setWordWrap(true);
  text->setOpenExternalLinks(true);
  text->setMinimumWidth(360);
  top->addWidget(text, 1);
  static_cast<QVBoxLayout*>(dialog->layout())->addLayout(top);
  finish(dialog);
}

}  // namespace hearsay::ui
