#include "ui/teach/class_hints.h"

#include <QObject>
#include <QStringList>

#include "prompts/unread_names.h"
#include "ui/shell/class_state.h"

namespace hearsay::ui {
namespace {

constexpr int kHintsShown = 3;

}  // namespace

QString classHints(const ClassList& classes, const ClapModel* model) {
  if (classes.empty()) return QObject::tr("Type the first sound above, or take a preset.");
  QStringList hints;
  if (const QString problem = classProblem(classes); !problem.isEmpty()) hints.append(problem);
  if (model != nullptr) {
    for (const std::string& said : unread_names_in_words(classes, unread_names(classes, *model))) {
      hints.append(QString::fromStdString(said));
    }
  }
  const auto pairs = near_duplicates(classes);
  for (const auto& [a, b] : pairs) {
    if (hints.size() >= kHintsShown) break;
    hints.append(QObject::tr("\"%1\" and \"%2\" look like the same sound: they will share their points.")
                     .arg(QString::fromStdString(classes[a].name), QString::fromStdString(classes[b].name)));
  }
  if (static_cast<int>(pairs.size()) > kHintsShown) {
    hints.append(QObject::tr("%n pairs look alike in all.", nullptr, static_cast<int>(pairs.size())));
  }
  if (classes.size() == 1) hints.append(QObject::tr("With a single class there is nothing to tell apart yet."));
  return hints.join('\n');
}

}  // namespace hearsay::ui
