#include <sndfile.h>

#include <algorithm>
#include <string>

#include "audio/raw_audio.h"
#include "audio/sound_chunk.h"

namespace hearsay {
namespace {

constexpr sf_count_t kBlockFrames = 16384;

struct SndfileCloser {
  void operator()(SNDFILE* handle) const { sf_close(handle); }
};

struct Named {
  int code;
  const char* name;
};

constexpr Named kContainers[] = {{SF_FORMAT_WAV, "WAV"},   {SF_FORMAT_WAVEX, "WAV"}, {SF_FORMAT_RF64, "WAV (RF64)"},
                                 {SF_FORMAT_AIFF, "AIFF"}, {SF_FORMAT_AU, "AU"},     {SF_FORMAT_FLAC, "FLAC"},
                                 {SF_FORMAT_OGG, "Ogg"},   {SF_FORMAT_CAF, "CAF"},   {SF_FORMAT_W64, "Wave64"},
                                 {SF_FORMAT_MPEG, "MPEG"}};

constexpr Named kCodings[] = {
    {SF_FORMAT_PCM_S8, "8 bit"},        {SF_FORMAT_PCM_U8, "8 bit"},       {SF_FORMAT_PCM_16, "16 bit"},
    {SF_FORMAT_PCM_24, "24 bit"},       {SF_FORMAT_PCM_32, "32 bit"},      {SF_FORMAT_FLOAT, "32 bit float"},
    {SF_FORMAT_DOUBLE, "64 bit float"}, {SF_FORMAT_ULAW, "u-law"},         {SF_FORMAT_ALAW, "A-law"},
    {SF_FORMAT_IMA_ADPCM, "IMA ADPCM"}, {SF_FORMAT_MS_ADPCM, "MS ADPCM"},  {SF_FORMAT_GSM610, "GSM 6.10"},
    {SF_FORMAT_VORBIS, "Vorbis"},       {SF_FORMAT_OPUS, "Opus"},          {SF_FORMAT_MPEG_LAYER_I, "MP1"},
    {SF_FORMAT_MPEG_LAYER_II, "MP2"},   {SF_FORMAT_MPEG_LAYER_III, "MP3"}, {SF_FORMAT_ALAC_16, "ALAC, 16 bit"},
    {SF_FORMAT_ALAC_24, "ALAC, 24 bit"}};

template <std::size_t N>
std::string name_of(const Named (&table)[N], int code) {
  const auto* found = std::find_if(std::begin(table), std::end(table), [&](const Named& n) { return n.code == code; });
  return found == std::end(table) ? "" : found->name;
}

std::string format_name(int format) {
  std::string container = name_of(kContainers, format & SF_FORMAT_TYPEMASK);
  std::string coding = name_of(kCodings, format & SF_FORMAT_SUBMASK);
  const int subtype = format & SF_FORMAT_SUBMASK;
  if (subtype == SF_FORMAT_OPUS || subtype == SF_FORMAT_VORBIS || container == "MPEG") return coding;
  if (coding.empty()) return container.empty() ? "sound" : container;
  return container.empty() ? coding : container + ", " + coding;
}

class SndfileAudio : public RawAudio {
 public:
  SndfileAudio(SNDFILE* handle, const SF_INFO& info, const std::filesystem::path& file)
      : handle_(handle), seekable_(info.seekable != 0) {
    info_.sample_rate = info.samplerate;
    info_.channels = info.channels;
    info_.format = format_name(info.format);
    if (info.frames >= 0 && info.frames < SF_COUNT_MAX) {
      info_.frames = info.frames;
      info_.seconds = info.samplerate > 0 ? static_cast<double>(info.frames) / info.samplerate : -1.0;
    }
    const int container = info.format & SF_FORMAT_TYPEMASK;
    guessed_ = container == SF_FORMAT_MPEG;
    if (info_.seconds <= 0.0) return;
    if (container == SF_FORMAT_FLAC) {
      promised_ = info_.seconds;
    } else if (const auto chunk = find_sound_chunk(file); chunk && chunk->present > 0) {
      promised_ = info_.seconds * static_cast<double>(chunk->promised) / static_cast<double>(chunk->present);
    }
  }

  bool next(std::vector<float>& mono, int& rate) override {
    const auto channels = static_cast<std::size_t>(info_.channels);
    block_.resize(static_cast<std::size_t>(kBlockFrames) * channels);
    const sf_count_t got = sf_readf_float(handle_.get(), block_.data(), kBlockFrames);
    failed_ = failed_ || (got < kBlockFrames && sf_error(handle_.get()) == SF_ERR_SYSTEM);
    rate = info_.sample_rate;
    mono.clear();
    for (std::size_t frame = 0; frame < static_cast<std::size_t>(std::max<sf_count_t>(got, 0)); ++frame) {
      double sum = 0.0;
      for (std::size_t c = 0; c < channels; ++c) sum += clean(block_[frame * channels + c]);
      mono.push_back(static_cast<float>(sum / static_cast<double>(channels)));
    }
    return !mono.empty();
  }

  std::optional<double> seek(double seconds) override {
    if (!seekable_) return std::nullopt;
    auto frame = static_cast<sf_count_t>(std::llround(std::min(seconds * info_.sample_rate, 1e15)));
    if (info_.frames >= 0) frame = std::min<sf_count_t>(frame, info_.frames);
    const sf_count_t landed = sf_seek(handle_.get(), frame, SEEK_SET);
    if (landed < 0) return std::nullopt;
    return static_cast<double>(landed) / info_.sample_rate;
  }

 private:
  std::unique_ptr<SNDFILE, SndfileCloser> handle_;
  bool seekable_;
  std::vector<float> block_;
};

}  // namespace

std::unique_ptr<RawAudio> open_with_sndfile(const std::filesystem::path& file) {
  SF_INFO info = {};
  SNDFILE* handle = sf_open(file.c_str(), SFM_READ, &info);
  if (handle == nullptr) return nullptr;
  return std::make_unique<SndfileAudio>(handle, info, file);
}

}  // namespace hearsay
