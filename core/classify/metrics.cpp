// measure(): accuracy, average precision, calibration and confusion from scores.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/error.h"
#include "classify/evaluate.h"

namespace hearsay {
namespace {

constexpr int kBins = 15;
constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

bool contains(const std::vector<int>& labels, int k) {
  return std::ranges::find(labels, k) != labels.end();
}

/// Area under the precision-recall steps; rows of equal score count as one step (as scikit-learn does).
double average_precision(const Matrix& scores, const std::vector<std::vector<int>>& labels, int k) {
  std::vector<std::pair<float, bool>> rows;
  int positives = 0;
  for (std::int64_t i = 0; i < scores.rows; ++i) {
    const bool positive = contains(labels[static_cast<std::size_t>(i)], k);
    positives += positive ? 1 : 0;
    const float score = scores.at(i, k);
    rows.emplace_back(std::isnan(score) ? -std::numeric_limits<float>::infinity() : score, positive);
  }
  if (positives == 0) return kNone;
  std::ranges::sort(rows, [](const auto& a, const auto& b) { return a.first > b.first; });
  double area = 0.0;
  int found = 0;
  for (std::size_t i = 0; i < rows.size();) {
    const float score = rows[i].first;
    const int before = found;
    for (; i < rows.size() && rows[i].first == score; ++i) found += rows[i].second ? 1 : 0;
    area += static_cast<double>(found - before) / positives * found / static_cast<double>(i);
  }
  return area;
}

double mean_of_numbers(const std::vector<double>& values) {
  double sum = 0.0;
  int count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  return count == 0 ? 0.0 : sum / count;
}

class Tally {
 public:
  Tally(std::size_t classes, const std::vector<bool>& unseen) : hits_(classes), files_(classes), unseen_(unseen) {
    metrics_.confusion.assign(classes, std::vector<int>(classes, 0));
    metrics_.reliability.resize(kBins);
  }

  void add(int best, double confidence, const std::vector<int>& labels) {
    const bool right = contains(labels, best);
    right_ += right ? 1 : 0;
    ++rows_;
    Share& share = is_unseen(labels) ? unseen_rows_ : seen_rows_;
    share.right += right ? 1 : 0;
    ++share.rows;
    for (const int label : labels) {
      ++files_[static_cast<std::size_t>(label)];
      hits_[static_cast<std::size_t>(label)] += best == label ? 1 : 0;
    }
    const int label = right ? best : labels.front();
    ++metrics_.confusion[static_cast<std::size_t>(label)][static_cast<std::size_t>(best)];
    auto& bin = metrics_.reliability[static_cast<std::size_t>(
        std::clamp(static_cast<int>(std::ceil(confidence * kBins)) - 1, 0, kBins - 1))];
    bin.confidence += confidence;
    bin.accuracy += right ? 1.0 : 0.0;
    ++bin.count;
  }

  ScoreMetrics finish() {
    metrics_.seen_accuracy = seen_rows_.value();
    metrics_.unseen_accuracy = unseen_rows_.value();
    metrics_.accuracy = rows_ == 0 ? 0.0 : static_cast<double>(right_) / rows_;
    for (auto& bin : metrics_.reliability) {
      if (bin.count == 0) continue;
      metrics_.ece += std::abs(bin.accuracy - bin.confidence) / rows_;
      bin.accuracy /= bin.count;
      bin.confidence /= bin.count;
    }
    for (std::size_t k = 0; k < files_.size(); ++k) {
      metrics_.per_class_accuracy.push_back(files_[k] == 0 ? kNone : static_cast<double>(hits_[k]) / files_[k]);
    }
    metrics_.per_class_files = std::move(files_);
    return std::move(metrics_);
  }

 private:
  struct Share {
    int right = 0;
    int rows = 0;
    [[nodiscard]] double value() const { return rows == 0 ? kNone : static_cast<double>(right) / rows; }
  };
  [[nodiscard]] bool is_unseen(const std::vector<int>& labels) const {
    return !unseen_.empty() &&
           std::ranges::any_of(labels, [this](int k) { return unseen_.at(static_cast<std::size_t>(k)); });
  }

  ScoreMetrics metrics_;
  std::vector<int> hits_;
  std::vector<int> files_;
  const std::vector<bool>& unseen_;
  Share seen_rows_;
  Share unseen_rows_;
  int right_ = 0;
  int rows_ = 0;
};

}  // namespace

ScoreMetrics measure(const Matrix& scores, const Matrix& probability, const std::vector<std::vector<int>>& labels,
                     const std::vector<bool>& unseen) {
  if (scores.rows != probability.rows || scores.cols != probability.cols ||
      static_cast<std::size_t>(scores.rows) != labels.size()) {
    throw Error(ErrorKind::Internal, "Scores, probabilities and labels do not belong together.");
  }
  const auto classes = static_cast<std::size_t>(scores.cols);
  if (!unseen.empty() && unseen.size() != classes) {
    throw Error(ErrorKind::Internal, "The classes held out of tuning do not belong to these scores.");
  }
  Tally tally(classes, unseen);
  for (std::int64_t i = 0; i < scores.rows; ++i) {
    const auto& wanted = labels[static_cast<std::size_t>(i)];
    if (wanted.empty() || std::ranges::any_of(wanted, [&](int k) { return k < 0 || k >= scores.cols; })) {
      throw Error(ErrorKind::Internal, "A row to be measured has no label among the classes.");
    }
    const int best = ranking(scores.row(i)).front();
    tally.add(best, static_cast<double>(probability.at(i, best)), wanted);
  }
  ScoreMetrics metrics = tally.finish();
  for (int k = 0; k < scores.cols; ++k) metrics.average_precision.push_back(average_precision(scores, labels, k));
  metrics.map = mean_of_numbers(metrics.average_precision);
  return metrics;
}

}  // namespace hearsay
