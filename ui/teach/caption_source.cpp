#include "ui/teach/caption_source.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QObject>

#include "base/error.h"

namespace hearsay::ui {

CaptionSet makeCaptions(const ClassList& classes, const CaptionChoice& choice) {
  CaptionSet all;
  const auto add = [&all](CaptionSet&& set) {
    all.captions.insert(all.captions.end(), set.captions.begin(), set.captions.end());
    all.warnings.insert(all.warnings.end(), set.warnings.begin(), set.warnings.end());
  };
  if (choice.source != TextSource::Captions) {
    BankOptions options;
    options.seed = choice.seed;
    options.multi_label = choice.multiLabel;
    add(captions_from_bank(classes, options));
  }
  if (choice.source != TextSource::Names) {
    if (choice.file.isEmpty()) {
      throw Error(ErrorKind::Usage, QObject::tr("Choose the file with your captions first: a CSV with the columns "
                                                "caption and label, or one sentence a line.")
                                        .toStdString());
    }
    CaptionSet own = captions_from_file(choice.file.toStdString(), classes, choice.source == TextSource::Captions);
    for (Caption& caption : own.captions) caption.from_user = true;
    add(std::move(own));
  }
  return all;
}

std::string choiceToText(const CaptionChoice& choice) {
  const QJsonObject object{{"window", "teach"},
                           {"source", static_cast<int>(choice.source)},
                           {"file", choice.file},
                           {"several_labels", choice.multiLabel},
                           {"seed", QString::number(choice.seed)}};
  return QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString();
}

std::optional<CaptionChoice> choiceFromText(const std::string& text) {
  const QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
  const int source = object.value("source").toInt(-1);
  if (object.value("window").toString() != QLatin1String("teach") || source < 0 || source > 2) return {};
  return CaptionChoice{static_cast<TextSource>(source), object.value("file").toString(),
                       object.value("several_labels").toBool(), object.value("seed").toString().toULongLong()};
}

}  // namespace hearsay::ui
