#include "ui/models/published_models.h"

namespace hearsay::ui {
namespace {

QStringList filesBeside() {
  return {
      "config.json", "preprocessor_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt",
      "vocab.txt",   "special_tokens_map.json"};
}

PublishedModel laion(const QString& name, qint64 megabytes) {
  return {name,
          QStringLiteral("HTSAT, RoBERTa"),
          megabytes * 1'000'000,
          QStringLiteral("Apache 2.0"),
          {{QStringLiteral("laion/") + name, {"model.safetensors", "pytorch_model.bin"}, filesBeside()}}};
}

PublishedModel microsoft(const QString& year, const QString& towers, qint64 megabytes, const QString& tokenizer) {
  return {QStringLiteral("msclap-") + year,
          towers,
          megabytes * 1'000'000,
          QStringLiteral("MS-PL"),
          {{QStringLiteral("microsoft/msclap"), {QStringLiteral("CLAP_weights_%1.pth").arg(year)}, {}},
           {tokenizer, {}, filesBeside()}}};
}

}  // namespace

const std::vector<PublishedModel>& publishedModels() {
  static const std::vector<PublishedModel> all{
      laion("clap-htsat-unfused", 615),
      laion("clap-htsat-fused", 614),
      laion("larger_clap_general", 776),
      laion("larger_clap_music", 776),
      laion("larger_clap_music_and_speech", 776),
      microsoft("2023", "HTSAT, GPT-2", 690, "openai-community/gpt2"),
      microsoft("2022", "Cnn14, BERT", 2330, "google-bert/bert-base-uncased"),
  };
  return all;
}

QUrl hubAddress() {
  QString mirror = qEnvironmentVariable("HF_ENDPOINT");
  while (mirror.endsWith(QLatin1Char('/'))) mirror.chop(1);
  return QUrl(mirror.isEmpty() ? QStringLiteral("https://huggingface.co") : mirror);
}

}  // namespace hearsay::ui
