#pragma once
// The Label page: a folder becomes a session; the model proposes, the person accepts or corrects by key.

#include "ui/label/label_controller.h"
#include "ui/shell/page.h"

class QAction;
class QComboBox;
class QHBoxLayout;
class QLabel;
class QLineEdit;
class QListWidget;
class QListWidgetItem;
class QProgressBar;
class QPushButton;
class QSortFilterProxyModel;
class QSplitter;
class QStackedWidget;
class QTableView;

namespace hearsay::ui {

// Settings this page remembers.
inline constexpr auto kLabelSessionKey = "label/session";
inline constexpr auto kLabelSplitterKey = "label/splitter";
inline constexpr auto kLabelOrderKey = "label/order";
inline constexpr auto kLabelFolderKey = "label/folder";

class ClipTableModel;
class ClipView;
class EmptyText;

class LabelPage : public Page {
  Q_OBJECT
 public:
  explicit LabelPage(AppContext& app, QWidget* parent = nullptr);
  ~LabelPage() override;

  bool openPaths(const QStringList& paths) override;  ///< a session file, or one folder to make one of
  void shutDown() override;
  [[nodiscard]] LabelController& controller() { return controller_; }

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;
  void showEvent(QShowEvent* event) override;
  void hideEvent(QHideEvent* event) override;

 private:
  QWidget* makeEmptyState();
  QWidget* makeWorkspace();
  QWidget* makeTopRow();
  QWidget* makeQueue();
  QComboBox* makeOrder(QWidget* side);
  void makeTable(QWidget* side);
  void followTable();  ///< what is chosen in the table is shown, and the other way round
  QWidget* makeDecision();
  void followView();                ///< what is drawn, moved and read becomes acts of the session
  void makeClasses(QWidget* side);  ///< label_page_classes.cpp has all about them
  QHBoxLayout* makeButtons(QWidget* side);
  void makeActions();

  void newSession(const QString& folder);
  void openSession();
  void findMoved();  ///< asks where missing clips may be
  void importLabels();
  void exportSession(LabelFormat format);
  void exportTo(LabelFormat format, const QString& path);  ///< asks where files would be replaced
  void renameClass(ClassId id);
  void removeClass(ClassId id);
  void addClassFromEdit();
  void classMenu(const QPoint& position);

  void showSession();
  void showCurrent();
  void selectCurrent();  ///< in the table; nothing where the filter hides it
  void showNote();
  void keepNote();  ///< what is typed goes into the session
  void showProgress();
  void showClasses();
  void showSuggestion();  ///< or why there is none
  void showUndo();
  [[nodiscard]] ClassId chosenClass() const;
  void chooseClassOfClip();  ///< its label, or else what is suggested, until a person chooses
  void drawRegion(double start, double end);
  void nameRegion(const QListWidgetItem* item);  ///< the chosen region gets this class
  void tickClass(const QListWidgetItem* item);   ///< of the chosen region, or else of the clip
  [[nodiscard]] ClassId classAt(int index) const;
  bool giveClass(int index);            ///< to the clip, or the chosen region; false: there is no such class
  int hideOtherClasses();               ///< than those with what is typed in their name; the first of these, -1: none
  void findClass();                     ///< chooses the first of them
  bool leaveFinding(QKeyEvent* event);  ///< true: the key has a meaning there
  bool handleKey(const QKeyEvent& event);  ///< true: done

  LabelController controller_;
  ClipTableModel* model_ = nullptr;
  QSortFilterProxyModel* proxy_ = nullptr;
  QStackedWidget* stack_ = nullptr;
  QTableView* table_ = nullptr;
  QLineEdit* filter_ = nullptr;
  QComboBox* order_ = nullptr;
  QProgressBar* progress_ = nullptr;
  QLabel* progress_text_ = nullptr;
  QLabel* title_ = nullptr;
  ClipView* view_ = nullptr;
  QLabel* suggestion_ = nullptr;
  QListWidget* classes_ = nullptr;
  QLineEdit* find_class_ = nullptr;
  EmptyText* no_class_ = nullptr;
  QLineEdit* new_class_ = nullptr;
  QLineEdit* note_ = nullptr;
  QPushButton* accept_ = nullptr;
  QPushButton* skip_ = nullptr;
  QPushButton* clear_ = nullptr;
  QAction* undo_ = nullptr;
  QAction* redo_ = nullptr;
  QSplitter* splitter_ = nullptr;
  bool class_chosen_ = false;  ///< by a person, for the clip that is shown
  bool table_moves_ = false;   ///< by itself: rows come or go, or the page chooses the clip that is shown
};

}  // namespace hearsay::ui
