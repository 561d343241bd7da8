#pragma once
// Which published checkpoints can be fetched, and which files of which repositories they are made of. Sizes, licences
// and file names are those of the repositories' own pages on huggingface.co.

#include <QString>
#include <QStringList>
#include <QUrl>
#include <vector>

namespace hearsay::ui {

/// A repository, and which of its files are wanted (those that are there).
struct HubSource {
  QString repository;   ///< "laion/clap-htsat-unfused"
  QStringList weights;  ///< the first of these that is there; empty: none from here
  QStringList beside;   ///< configuration and tokenizer files
};

struct PublishedModel {
  QString folder;  ///< what its folder is called, and so the model: "clap-htsat-unfused", "msclap-2023"
  QString towers;  ///< "HTSAT, RoBERTa"
  qint64 bytes;    ///< of the weights, about
  QString licence;
  std::vector<HubSource> sources;  ///< Microsoft's weights come without the tokenizer of their text tower
};

const std::vector<PublishedModel>& publishedModels();

/// $HF_ENDPOINT (a mirror) where it is set, as for huggingface_hub; else https://huggingface.co.
QUrl hubAddress();

}  // namespace hearsay::ui
