#pragma once
// The open labelling session as the page sees it: which clip is shown, what comes next, what the model proposes; every
// act goes through here, so that failures become one sentence and views hear what changed.

#include <QObject>
#include <QString>
#include <QStringList>
#include <QTimer>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "labels/exports.h"
#include "labels/session.h"
#include "ui/label/suggester.h"

namespace hearsay::ui {

class LabelController : public QObject {
  Q_OBJECT
 public:
  explicit LabelController(AppContext& app, QObject* parent = nullptr);
  ~LabelController() override;

  [[nodiscard]] bool isOpen() const { return session_.has_value(); }
  [[nodiscard]] const LabelSession& session() const { return *session_; }
  [[nodiscard]] QString sessionFile() const;

  /// Both close what is open. Failures go out as notices; false then.
  bool create(const QString& sessionFile, const QString& folder, const QStringList& classNames);
  bool open(const QString& sessionFile);
  void close();
  /// Looks through the folder again for new and missing files, and says how many there are.
  void rescan();
  /// Looks for the missing clips below this folder, and says how many it found.
  void findMoved(const QString& folder);
  /// The names of files that an export into this folder would replace. Formats of one file: none, their dialog asks.
  [[nodiscard]] QStringList wouldReplace(LabelFormat format, const QString& folder);
  bool exportTo(LabelFormat format, const QString& path);
  /// Label tracks and CSV (see import_labels), as one act; says how much was added, and what was left out.
  void importFrom(const QStringList& files);

  // The clip that is shown; 0: none.
  [[nodiscard]] ClipId current() const { return current_; }
  void show(ClipId clip);
  void showNext();      ///< the next of the queue after the current one
  void showPrevious();  ///< the one shown before
  /// Next and previous stay among these clips; none: all of them.
  void setFilter(std::function<bool(ClipId)> among) { among_ = std::move(among); }
  [[nodiscard]] QueueOrder order() const { return order_; }
  void setOrder(QueueOrder order);

  // Acts on the current clip. Those marked (next) go on to the next clip of the queue.
  void acceptBest();  ///< (next) the best suggestion becomes the label; one that is labelled stays as it is
  void toggleLabel(ClassId id);
  void correctLabel(ClassId id);  ///< the same, but where it adds the class, accepted suggestions give way to it
  void clearLabels();
  void skip();  ///< (next)
  void setNote(const QString& note);
  void addRegion(double start, double end, ClassId id);
  void moveRegion(RegionId region, double start, double end);
  void setRegionClass(RegionId region, ClassId id);
  void removeRegion(RegionId region);
  /// Every unseen clip whose best suggestion is at least this sure gets it; says how many did.
  void acceptAllAbove(double score);
  ClassId addClass(const QString& name);
  void renameClass(ClassId id, const QString& name);
  void removeClass(ClassId id);
  /// Both show a clip that they change, and say what they did where it is not to be seen on the clip that was shown.
  void undo();
  void redo();
  void takeSeconds(double seconds);  ///< the length of the current clip, where the session does not know it

  /// Starts the model on clips the prompt set in use has not looked at: those to be labelled, from the current one
  /// on, then the decided ones that no set has looked at. While the page is not shown this waits until it is: other
  /// work comes first.
  void suggestMissing();
  void setShown(bool shown);  ///< the page: what is not shown makes way for other work, and goes on when it is again
  /// What is told of clips that were missing when the session was opened; empty: none were.
  [[nodiscard]] const QString& missingNotice() const { return missing_; }
  [[nodiscard]] bool suggesting() const { return suggester_.running(); }
  [[nodiscard]] QString suggestionsWaitFor() const { return suggester_.waitsFor(); }  ///< another job; empty: none

 Q_SIGNALS:
  void sessionChanged();                        ///< opened, created or closed
  void changed(const hearsay::Change& change);  ///< an act or a suggestion
  void currentChanged();
  void orderChanged();

 private:
  bool guarded(const std::function<void()>& act);  ///< hearsay::Error becomes a notice; false then
  bool act(const std::function<Change()>& act);
  bool actAndLook(const std::function<Change()>& act);  ///< one after which clips may want a suggestion again
  void changeLabels(ClassId id, bool correct);
  void retrace(const std::function<Change()>& step, const QString& said);  ///< %1: the act
  void opened();
  void tellMissing();
  [[nodiscard]] bool isAmong(ClipId clip) const { return !among_ || among_(clip); }
  [[nodiscard]] std::vector<ClipToSuggest> clipsToSuggest() const;
  [[nodiscard]] bool wantsSuggestion(ClipId clip) const;

  AppContext& app_;
  Suggester suggester_;
  QTimer look_soon_;  ///< at the current clip, when it stays for a moment
  std::optional<LabelSession> session_;
  ClipId current_ = 0;
  std::vector<ClipId> history_;
  QueueOrder order_ = QueueOrder::InOrder;
  std::function<bool(ClipId)> among_;
  bool shown_ = false;  ///< the page
  QString missing_;
  bool missingTold_ = false;
  bool postponed_ = false;   ///< suggestMissing, until the page is shown
  std::string fingerprint_;  ///< of the set that was last asked for suggestions
  std::set<ClipId> asked_;   ///< the clips it was asked for
};

}  // namespace hearsay::ui
