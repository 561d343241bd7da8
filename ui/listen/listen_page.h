#pragma once
// Listen: names what the microphone hears, live, and shows why.

#include <QDateTime>
#include <QHash>
#include <functional>

#include "ui/listen/live_session.h"
#include "ui/shell/page.h"

class QLabel;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QTimer;

namespace hearsay::ui {

class EventPanel;
struct EventRecord;
class InputPicker;
class LevelMeter;
class ListenControls;
class LiveView;
class NowLabel;
class PageNotice;
class SimilarityBars;

class ListenPage : public Page {
  Q_OBJECT
 public:
  explicit ListenPage(AppContext& app, QWidget* parent = nullptr);
  ~ListenPage() override;

  /// Something else than a microphone (tests, demonstrations).
  void setSourceFactory(LiveSession::SourceFactory factory);
  void start();
  void stop();
  [[nodiscard]] bool listening() const { return session_.active(); }

  /// Starts now, or as soon as the model and the microphones are there.
  void startMainAct() override;
  void shutDown() override;

 protected:
  void keyPressEvent(QKeyEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  // listen_page_layout.cpp
  void buildLayout();
  QWidget* buildTop();
  QWidget* buildMiddle();
  void connectParts();

  // listen_page_gaps.cpp
  void takeGap(const StreamGap& gap);
  void showWaiting(const QString& why);
  void tellGap(const StreamGap& gap);

  // listen_page_model.cpp
  void modelChanged();
  void followModel();  ///< ends this time of listening, to begin one with the new model
  [[nodiscard]] bool promptsFit() const;

  // listen_page_events.cpp
  void takeEvent(const StreamEvent& event);
  void keepSound(EventRecord& record) const;
  void keepOpenEvents();
  [[nodiscard]] QColor colourOf(const StreamEvent& event) const;

  void tick();
  void takeNews(const LiveNews& news);
  [[nodiscard]] bool isOfShown(const StreamPrediction& prediction) const;
  void showPrediction(const StreamPrediction& prediction);
  void showQuiet(const StreamPrediction& prediction);
  [[nodiscard]] static QString onlyClassText();
  void takeEnd(const StreamSummary& summary);
  void sessionChanged();
  void begun();
  void startFailed(const QString& sentence);
  void promptsChanged();
  void refreshState();
  [[nodiscard]] bool canListen() const;
  bool sayWhatIsMissing();
  void noticePressed();
  void pushOptions();
  void thresholdsEdited();
  void setAllThresholds(double threshold);
  void showCommonThreshold();
  void playStretch(double start, double end);
  void followPlaying(double start, int clip);
  void saveStretch(double start, double end);
  void say(const QString& sentence);
  void warn(const QString& sentence);
  void withdraw(QString& notice);
  void focusStart();
  [[nodiscard]] StreamOptions options() const;

  LiveSession session_;
  LiveSession::SourceFactory factory_;
  std::shared_ptr<const PromptSet> prompts_;  ///< whose classes are shown
  std::shared_ptr<const ClapModel> listeningModel_;
  int sessionNumber_ = 0;
  QDateTime sessionBegan_;
  double playFrom_ = -1.0;  ///< in the charts' time, while a stretch or an event plays
  int played_ = 0;          ///< which clip that is
  bool lookedForInputs_ = false;
  bool startWanted_ = false;  ///< asked for before everything was there
  bool goOn_ = false;         ///< listening ends, to go on with another model
  bool goesOn_ = false;       ///< it is beginning with that one
  bool focusWanted_ = false;  ///< for Start, since the page was shown
  QString warning_;           ///< why listening could not begin or go on, while that stands
  int gaps_ = 0;              ///< since Start
  double gapSeconds_ = 0.0;
  QDateTime lostSince_;
  QDateTime firstGap_;
  QString gapNotice_;  ///< about those; every new one takes the place of the one before
  QString missing_;    ///< which page the notice's button leads to

  QStackedWidget* content_ = nullptr;
  PageNotice* notice_ = nullptr;
  InputPicker* inputs_ = nullptr;
  LevelMeter* meter_ = nullptr;
  QPushButton* startButton_ = nullptr;
  QLabel* status_ = nullptr;
  ListenControls* controls_ = nullptr;
  NowLabel* now_ = nullptr;
  SimilarityBars* bars_ = nullptr;
  LiveView* view_ = nullptr;
  EventPanel* events_ = nullptr;
  QSplitter* across_ = nullptr;
  QSplitter* down_ = nullptr;
  QTimer* timer_ = nullptr;
};

}  // namespace hearsay::ui
