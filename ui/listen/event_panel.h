#pragma once
// The table of events with what can be done with them: play, save as WAV, export, delete. They are kept on disk.

#include <QTimer>
#include <QWidget>

#include "ui/listen/event_model.h"
#include "ui/listen/event_store.h"

class QLabel;
class QPushButton;
class QSortFilterProxyModel;
class QTableView;

namespace hearsay::ui {

class AppContext;

class EventPanel : public QWidget {
  Q_OBJECT
 public:
  explicit EventPanel(AppContext& app, QWidget* parent = nullptr);
  [[nodiscard]] EventModel& model() { return *model_; }
  /// Rows as shown. Sentences for what cannot be done go out as notices.
  void play(int row);
  void save(int row, const QString& file);
  void exportCsv(const QString& file);
  /// Of the time of listening that the chosen event belongs to, or the newest one.
  void exportAudacity(const QString& file);
  void deleteAll();
  /// Brings back the event that was deleted last, with its sound.
  void undoDelete();
  /// Nothing more comes: waits until every event is on disk.
  void shutDown();
  [[nodiscard]] EventStore& store() { return *store_; }

 Q_SIGNALS:
  void chosen(int session, double start, double end);  ///< an event was picked in the table
  void playing(int session, double start, int clip);   ///< its sound, which begins at `start`

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  QPushButton* addButton(const char* name, const QString& iconName, const QString& text, const QString& tip);
  void buildTable();
  void askSave();
  void playSound(const SoundClip& sound, const EventRecord& event);
  void saveSound(const EventRecord& event, const QString& file);
  void askExport(bool audacity);
  void write(const QString& file, std::string text);
  void buildStore();
  void keepOpenEvents();
  void clearPressed();
  void removeCurrent();
  void showMenu(const QPoint& at);
  void refreshButtons();
  [[nodiscard]] int currentRow() const;
  [[nodiscard]] const EventRecord& record(int row) const;
  [[nodiscard]] QString suggestedName(const EventRecord& record) const;

  AppContext& app_;
  EventModel* model_ = nullptr;
  QSortFilterProxyModel* sorted_ = nullptr;
  QTableView* table_ = nullptr;
  QLabel* empty_ = nullptr;
  QPushButton* play_ = nullptr;
  QPushButton* save_ = nullptr;
  QPushButton* export_ = nullptr;
  QPushButton* clear_ = nullptr;
  EventStore* store_ = nullptr;
  QTimer openTimer_;   ///< events that go on are kept as they are now and then
  QTimer clearTimer_;  ///< runs while the second press is waited for
};

}  // namespace hearsay::ui
