#pragma once
// The text side of Teach: where sentences come from, and what they are for each class.

#include <QTimer>
#include <QWidget>
#include <memory>

#include "ui/shell/app_context.h"
#include "ui/teach/caption_source.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QTableView;
class QToolButton;

namespace hearsay::ui {

class CaptionTableModel;
class WatchedFile;

class CaptionPanel : public QWidget {
  Q_OBJECT
 public:
  explicit CaptionPanel(AppContext& app, QWidget* parent = nullptr);

  [[nodiscard]] CaptionChoice choice() const;
  void setFile(const QString& file);  ///< also switches from class names alone to the file
  void setChoice(const CaptionChoice& choice);
  void setSeed(std::uint64_t seed);
  void setMultiLabel(bool multiLabel);
  [[nodiscard]] int captionCount() const;
  [[nodiscard]] bool moreThanUsed() const;                    ///< a tuning takes only kMostTuningCaptions of them
  [[nodiscard]] QString problem() const { return problem_; }  ///< why there is no text; empty: there is

 Q_SIGNALS:
  void changed();  ///< the preview is new

 private:
  QWidget* makeSource();
  QWidget* makeFilter();
  void makeTable();
  void sourceChosen();
  void askForFile();
  void refresh();
  void show(const std::shared_ptr<CaptionSet>& set, const ClassList& classes, const QString& error);
  void showCount();
  void showWarnings(const QStringList& warnings);  ///< the first of them; all in its tooltip
  void fillClasses(const ClassList& classes, const std::vector<int>& counts);
  void chooseClass();

  AppContext& app_;
  QComboBox* source_ = nullptr;
  QLineEdit* file_ = nullptr;
  QToolButton* browse_ = nullptr;
  QComboBox* class_ = nullptr;
  QLabel* summary_ = nullptr;
  QLabel* warnings_ = nullptr;
  QTableView* table_ = nullptr;
  CaptionTableModel* model_ = nullptr;
  WatchedFile* watched_ = nullptr;
  QTimer timer_;
  QString problem_;
  QString chosen_;   ///< the class whose sentences the table shows; empty: all
  QString counted_;  ///< how many sentences there are, in words
  std::uint64_t seed_ = 0;
  bool multiLabel_ = false;
  int count_ = 0;
  int wanted_ = 0;  ///< number of the newest preview asked for
};

}  // namespace hearsay::ui
