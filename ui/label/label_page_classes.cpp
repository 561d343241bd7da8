// The classes of the Label page: their list, the keys that give one, how one of many is found.

#include <QHBoxLayout>
#include <QInputDialog>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QTableView>
#include <algorithm>
#include <map>

#include "ui/charts/colours.h"
#include "ui/charts/format.h"
#include "ui/label/clip_view.h"
#include "ui/label/label_page.h"
#include "ui/shell/app_context.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_text.h"
#include "ui/shell/icons.h"

namespace hearsay::ui {
namespace {

constexpr int kNameRole = Qt::UserRole + 1;

/// "1  " to "9  ", "0  " for the tenth; figure spaces then: the names stand one under the other.
QString keyOf(std::size_t index) {
  const QString key = index < 10 ? QString::number((index + 1) % 10) : QString(QChar(0x2007));
  return key + QStringLiteral("  ");
}

/// "   87 %"; nothing of a class that the model thinks nothing of.
QString scoreText(const std::map<ClassId, double>& scores, ClassId id) {
  const auto found = scores.find(id);
  if (found == scores.end() || percentText(found->second) == percentText(0.0)) return {};
  return LabelPage::tr("   %1").arg(percentText(found->second));
}

}  // namespace

void LabelPage::makeClasses(QWidget* side) {
  classes_ = new QListWidget(side);
  classes_->setObjectName(QStringLiteral("labelClasses"));
  classes_->setAccessibleName(tr("Classes of this clip"));
  classes_->setToolTip(tr(
      "Tick the classes of this clip, or press their keys: 1 to 9, 0 for the tenth, / finds any. A key corrects an "
      "accepted suggestion, a tick adds to it. A region drawn with the mouse gets the chosen class; while a region is "
      "chosen, a click or a key gives it another. Right-click to rename or remove."));
  classes_->setIconSize(QSize(14, 14));
  classes_->setContextMenuPolicy(Qt::CustomContextMenu);
  connect(classes_, &QListWidget::customContextMenuRequested, this, &LabelPage::classMenu);
  connect(classes_, &QListWidget::itemChanged, this, &LabelPage::tickClass);
  connect(classes_, &QListWidget::itemClicked, this, &LabelPage::nameRegion);
  connect(classes_, &QListWidget::currentRowChanged, this, [this] { class_chosen_ = true; });
  classes_->setItemDelegate(new ElidedNames(classes_));
  no_class_ = new EmptyText(*classes_);
  no_class_->setObjectName(QStringLiteral("noClass"));
  find_class_ = new QLineEdit(side);
  find_class_->setObjectName(QStringLiteral("findClass"));
  find_class_->setPlaceholderText(tr("Find a class (/)"));
  find_class_->setAccessibleName(tr("Find a class"));
  find_class_->setToolTip(tr(
      "Shows the classes with these letters in their name. Enter gives the chosen one, at first the uppermost, to the "
      "clip or the chosen region; Up and Down choose; Escape leaves."));
  find_class_->setClearButtonEnabled(true);
  find_class_->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
  find_class_->installEventFilter(this);
  connect(find_class_, &QLineEdit::textChanged, this, &LabelPage::findClass);
}

void LabelPage::showClasses() {
  if (!controller_.isOpen() || controller_.current() == 0) return;
  const LabelSession& session = controller_.session();
  const auto classes = session.classes();
  const auto labels = session.labels(controller_.current());
  const Suggestions suggestions = session.suggestions(controller_.current());
  std::map<ClassId, double> scores;
  for (const Suggestion& s : suggestions.items) scores[s.class_id] = s.score;

  const QSignalBlocker blocker(classes_);
  const int chosen = std::max(0, classes_->currentRow());
  classes_->clear();
  std::map<ClassId, std::pair<QColor, QString>> looks;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const QString name = QString::fromStdString(classes[i].name);
    const QColor colour = seriesColour(i);
    looks[classes[i].id] = {colour, name};
    auto* item =
        new QListWidgetItem(swatch(colour), keyOf(i) + isolated(name) + scoreText(scores, classes[i].id), classes_);
    item->setData(kNameRole, name);
    item->setData(Qt::UserRole, QVariant::fromValue<qint64>(classes[i].id));
    item->setFlags(item->flags() | Qt::ItemIsUserCheckable);
    const bool on =
        std::any_of(labels.begin(), labels.end(), [&](const ClipLabel& l) { return l.class_id == classes[i].id; });
    item->setCheckState(on ? Qt::Checked : Qt::Unchecked);
  }
  classes_->setCurrentRow(std::min(chosen, classes_->count() - 1));
  if (!class_chosen_) chooseClassOfClip();
  hideOtherClasses();

  std::vector<ChartRegion> regions;
  for (const Region& r : session.regions(controller_.current())) {
    regions.push_back({r.id, r.start, r.end, looks[r.class_id].first, looks[r.class_id].second});
  }
  view_->setRegions(regions);
  accept_->setEnabled(!suggestions.items.empty());
  showSuggestion();
}

bool LabelPage::giveClass(int index) {
  if (classAt(index) == 0) return false;
  classes_->setCurrentRow(index);
  if (view_->selected() >= 0) {
    controller_.setRegionClass(view_->selected(), classAt(index));
  } else {
    controller_.correctLabel(classAt(index));
  }
  return true;
}

int LabelPage::hideOtherClasses() {
  const QString wanted = find_class_->text().simplified();
  int first = -1;
  for (int i = 0; i < classes_->count(); ++i) {
    const bool fits = classes_->item(i)->data(kNameRole).toString().contains(wanted, Qt::CaseInsensitive);
    classes_->item(i)->setHidden(!fits);
    if (fits && first < 0) first = i;
  }
  const bool none = first < 0 && !wanted.isEmpty();
  no_class_->say(none ? tr("No class has \"%1\" in its name.").arg(isolated(wanted)) : QString());
  return first;
}

void LabelPage::findClass() {
  const int first = hideOtherClasses();
  if (first < 0 || find_class_->text().isEmpty()) return;
  class_chosen_ = true;
  classes_->setCurrentRow(first);
}

bool LabelPage::leaveFinding(QKeyEvent* event) {
  switch (event->key()) {
    case Qt::Key_Up:
    case Qt::Key_Down:
      QCoreApplication::sendEvent(classes_, event);
      return true;
    case Qt::Key_Return:
    case Qt::Key_Enter: {
      const QListWidgetItem* chosen = classes_->currentItem();
      const bool given = !find_class_->text().simplified().isEmpty() && chosen != nullptr && !chosen->isHidden();
      if (!given && !find_class_->text().isEmpty()) return true;  // nothing is called so
      if (given) giveClass(classes_->currentRow());
      break;
    }
    case Qt::Key_Escape:
      class_chosen_ = false;
      chooseClassOfClip();
      break;
    default:
      return false;
  }
  find_class_->clear();
  table_->setFocus();
  return true;
}

ClassId LabelPage::classAt(int index) const {
  const QListWidgetItem* item = classes_->item(index);
  return item == nullptr ? 0 : item->data(Qt::UserRole).toLongLong();
}

void LabelPage::chooseClassOfClip() {
  const auto labels = controller_.session().labels(controller_.current());
  const Suggestions suggestions = controller_.session().suggestions(controller_.current());
  if (labels.empty() && suggestions.items.empty()) return;
  const ClassId wanted = labels.empty() ? suggestions.items.front().class_id : labels.front().class_id;
  for (int i = 0; i < classes_->count(); ++i) {
    if (classAt(i) == wanted) classes_->setCurrentRow(i);
  }
}

void LabelPage::drawRegion(double start, double end) {
  if (chosenClass() != 0) return controller_.addRegion(start, end, chosenClass());
  app_.notify(tr("Add a class first: a region gets the class that is chosen."), AppContext::NoticeLevel::Warning);
}

void LabelPage::nameRegion(const QListWidgetItem* item) {
  // None where a click has ticked it, which lists the classes anew.
  if (item == nullptr || view_->selected() < 0) return;
  controller_.setRegionClass(view_->selected(), item->data(Qt::UserRole).toLongLong());
}

void LabelPage::tickClass(const QListWidgetItem* item) {
  if (view_->selected() < 0) return controller_.toggleLabel(item->data(Qt::UserRole).toLongLong());
  nameRegion(item);
  showClasses();  // the tick is the clip's: it stays as it was
}

ClassId LabelPage::chosenClass() const {
  return classAt(classes_->currentRow());
}

void LabelPage::addClassFromEdit() {
  if (controller_.addClass(new_class_->text()) != 0) {
    new_class_->clear();
    classes_->setCurrentRow(classes_->count() - 1);
  }
}

void LabelPage::classMenu(const QPoint& position) {
  const QListWidgetItem* item = classes_->itemAt(position);
  if (item == nullptr) return;
  const ClassId id = item->data(Qt::UserRole).toLongLong();
  QMenu menu(this);
  menu.addAction(tr("Rename…"), this, [this, id] { renameClass(id); });
  menu.addAction(tr("Remove, with its labels"), this, [this, id] { removeClass(id); });
  menu.exec(classes_->viewport()->mapToGlobal(position));
}

void LabelPage::renameClass(ClassId id) {
  const auto classes = controller_.session().classes();
  const auto at = std::ranges::find(classes, id, &SessionClass::id);
  if (at == classes.end()) return;
  constexpr int kWide = 420;
  const QString name = QString::fromStdString(at->name);
  auto* dialog = new QInputDialog(this);
  dialog->setObjectName(QStringLiteral("renameClass"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Rename class"));
  QString words = elidedNames(tr("New name of \"%1\"").arg(isolated(name)), dialog->fontMetrics(), kWide);
  dialog->setLabelText(words.replace(QLatin1Char('&'), QStringLiteral("&&")));
  dialog->setTextValue(name);
  for (QLabel* label : dialog->findChildren<QLabel*>()) label->setTextFormat(Qt::PlainText);
  dialog->resize(kWide, dialog->sizeHint().height());
  connect(dialog, &QInputDialog::textValueSelected, this,
          [this, id](const QString& text) { controller_.renameClass(id, text); });
  dialog->open();
}

void LabelPage::removeClass(ClassId id) {
  controller_.removeClass(id);
}

}  // namespace hearsay::ui
