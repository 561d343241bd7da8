#pragma once
// Whether a text file that was dropped lists sounds to tell apart, or holds sentences to learn from.

#include <QString>
#include <functional>

class QWidget;

namespace hearsay::ui {

enum class TextFileKind { Classes, Sentences, Unclear };

/// By its lines. Sounds: other names behind `|`, or a few words. Sentences: a full stop at the end, or four words and
/// more that begin with an article or hold a verb or conjunction ("rain falls as cars pass"). Whichever of the two is
/// four times as frequent as the other, and as frequent as lines that may be either, is what the file is. A table
/// (.csv, .tsv) is Classes where its titles say so (lists_classes in prompts/class_table.h), else Sentences, and so is
/// what cannot be read: whoever reads it next says what is wrong.
TextFileKind kindOfTextFile(const QString& file);

/// Asks for the kind of a file whose lines do not say; nothing happens when the question is put away.
void askTextFileKind(QWidget* window, const QString& file, std::function<void(TextFileKind)> then);

}  // namespace hearsay::ui
