#include "ui/teach/caption_source.h"

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
    CaptionSet own = captions_from_file(choice.file.toStdString(), classes);
    for (Caption& caption : own.captions) caption.from_user = true;
    add(std::move(own));
  }
  return all;
}

}  // namespace hearsay::ui
