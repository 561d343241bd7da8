#pragma once
// Numbers as people read them, one way everywhere.

#include <QChar>
#include <QString>

namespace hearsay::ui {

/// A share 0..1 as "87 %".
QString percentText(double share);
/// A length: "0.8 s", "12.4 s", "3:07 min", "1:02:09 h"; empty for a negative one.
QString durationText(double seconds);
/// A place in time: "2.5 s" below a minute, then "3:07", "1:02:09"; `digits` after the point of the seconds.
QString clockText(double seconds, int digits = 0);
/// A cosine: "0.31"; the minus sign is a real one.
QString cosineText(double cosine);

/// A person's name for something as part of a sentence: in its own direction, so that what follows stays where it is
/// whatever script the name is in. For what is shown alone, never for files.
QString isolated(const QString& name);
inline constexpr QChar kNameBegins(0x2068);  ///< signs without width around such a name
inline constexpr QChar kNameEnds(0x2069);

/// "1 file", "12 files".
QString filesText(int count);
/// "1 class", "12 classes".
QString classesText(int count);

}  // namespace hearsay::ui
