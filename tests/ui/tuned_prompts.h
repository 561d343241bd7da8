#pragma once
// A tuned set without the tuning: for tests of what becomes of one.

#include "ui/shell/app_context.h"

/// Of the classes in use, which must be there. `mark` tells one from another.
inline hearsay::PromptSet tunedPrompts(const hearsay::ui::AppContext& app, float mark = 0.0F) {
  hearsay::PromptSet tuned = *app.prompts();
  tuned.tuned = true;
  tuned.preferred = hearsay::ScoreKind::Fused;
  tuned.coarse = tuned.fine = tuned.zero_shot;
  tuned.coarse_context = hearsay::Matrix(4, app.model()->info().text_width, mark);
  tuned.fine_context = tuned.coarse_context;
  return tuned;
}
