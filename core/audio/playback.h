#pragma once
// Playing a clip through PortAudio's default output.

#include <memory>
#include <vector>

namespace hearsay {

class Player {
 public:
  Player();
  ~Player();
  /// Starts at `from` seconds; a clip that is playing stops first. Error: Device (no output, busy).
  void play(const std::shared_ptr<const std::vector<float>>& samples, double rate, double from = 0.0,
            double until = -1.0);
  void stop();
  [[nodiscard]] bool playing() const;
  [[nodiscard]] double position() const;  ///< seconds into the clip
  /// False, with no exception ever, when this machine has no sound output.
  static bool available();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hearsay
