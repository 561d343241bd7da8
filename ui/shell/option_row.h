#pragma once
// A row of labelled options that are remembered; the score that is shown is one of them wherever sounds are named.

#include <QWidget>

#include "prompts/prompt_set.h"

class QComboBox;
class QDoubleSpinBox;
class QHBoxLayout;
class QSettings;

namespace hearsay::ui {

class OptionRow : public QWidget {
  Q_OBJECT
 public:
  /// `page`: in front of every setting's name, as in "listen".
  OptionRow(QSettings& settings, QString page, QWidget* parent);
  [[nodiscard]] ScoreKind kind() const;
  /// Scores that a set which is not tuned does not have cannot be chosen. A score chosen by the person stays chosen;
  /// otherwise `preferred` is.
  void setTuned(bool tuned, ScoreKind preferred);
  /// As if the person had chosen that score.
  void choose(ScoreKind kind);
  /// Weight of the correction for noisy rooms; 0: off.
  [[nodiscard]] double noiseCorrection() const;

 protected:
  struct Spin {
    const char* name;
    QString label;  ///< with its key: "H&old"
    QString tip;
    double low = 0.0;
    double high = 1.0;
    double step = 0.1;
    double start = 0.0;
    QString suffix = {};
    QString special = {};  ///< what the lowest value is called; empty: by its number
  };
  void addScores(const char* name, const QString& tip);
  QDoubleSpinBox* addSpin(const Spin& wanted);
  /// One of a few words, the first at the start; remembered by its place. spun() when it changes.
  QComboBox* addChoice(const char* name, const QString& label, const QString& tip, const QStringList& words);
  void addNoiseCorrection();
  void addLabelled(const QString& label, QWidget* widget);
  void addBeside(QWidget* widget);  ///< belongs to the one before
  void addStretch();

 Q_SIGNALS:
  void kindChosen();  ///< by the person
  void spun();        ///< one of the numbers or choices changed

 private:
  [[nodiscard]] QString keyOf(const QObject* widget) const;

  QSettings& settings_;
  QString page_;
  QHBoxLayout* row_ = nullptr;
  QComboBox* kind_ = nullptr;
  QDoubleSpinBox* noise_ = nullptr;
};

}  // namespace hearsay::ui
