extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/log.h>
}

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "audio/raw_audio.h"
#include "base/error.h"
#include "base/files.h"

namespace hearsay {
namespace {

// Containers of sound and video only. FFmpeg's playlist, script and text demuxers stay out: they open other files, and
// addresses on the network, that a hostile file names.
constexpr const char* kContainers =
    "aac,ac3,adts,aiff,amr,amrnb,amrwb,ape,asf,asf_o,au,avi,caf,dsf,dts,dtshd,eac3,flac,flv,gsm,loas,"
    "matroska,webm,mlp,mov,mp4,m4a,3gp,3g2,mj2,mp3,mpc,mpc8,mpeg,mpegts,mxf,nut,ogg,oma,qcp,rm,rso,shn,sox,tak,truehd,"
    "tta,"
    "voc,w64,wav,wsaud,wv,xwma";

struct FormatCloser {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
struct CodecCloser {
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
};
struct PacketCloser {
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
};
struct FrameCloser {
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
};

using FormatPointer = std::unique_ptr<AVFormatContext, FormatCloser>;
using CodecPointer = std::unique_ptr<AVCodecContext, CodecCloser>;

/// One value of a frame, in -1..1 for the integer kinds.
double sample_at(const AVFrame& frame, int channel, int channels, int index) {
  const auto kind = static_cast<AVSampleFormat>(frame.format);
  const bool planar = av_sample_fmt_is_planar(kind) != 0;
  const std::uint8_t* bytes = planar ? frame.extended_data[channel] : frame.extended_data[0];
  const auto at = static_cast<std::size_t>(planar ? index : index * channels + channel);
  switch (av_get_packed_sample_fmt(kind)) {
    case AV_SAMPLE_FMT_U8:
      return (bytes[at] - 128) / 128.0;
    case AV_SAMPLE_FMT_S16:
      return reinterpret_cast<const std::int16_t*>(bytes)[at] / 32768.0;
    case AV_SAMPLE_FMT_S32:
      return reinterpret_cast<const std::int32_t*>(bytes)[at] / 2147483648.0;
    case AV_SAMPLE_FMT_S64:
      return static_cast<double>(reinterpret_cast<const std::int64_t*>(bytes)[at]) / 9223372036854775808.0;
    case AV_SAMPLE_FMT_FLT:
      return reinterpret_cast<const float*>(bytes)[at];
    case AV_SAMPLE_FMT_DBL:
      return reinterpret_cast<const double*>(bytes)[at];
    default:
      return 0.0;
  }
}

class LibavAudio : public RawAudio {
 public:
  /// `counted`: seconds that the packets add up to, where the container's own figure is not to be trusted.
  LibavAudio(FormatPointer format, CodecPointer codec, int stream, std::string container, std::optional<double> counted)
      : format_(std::move(format)), codec_(std::move(codec)), stream_(format_->streams[stream]) {
    const char* coding = avcodec_get_name(codec_->codec_id);
    info_.format = std::move(container) + ", " + (coding != nullptr ? coding : "unknown coding");
    info_.sample_rate = codec_->sample_rate;
    info_.channels = codec_->ch_layout.nb_channels;
    // The decoder knows better than the container (HE-AAC gives twice the rate its header says).
    has_frame_ = decode();
    if (has_frame_) {
      info_.sample_rate = frame_->sample_rate;
      info_.channels = frame_->ch_layout.nb_channels;
    }
    // What is read from the start begins with this frame, wherever the container says that the track starts.
    const bool timed = has_frame_ && frame_->best_effort_timestamp != AV_NOPTS_VALUE;
    origin_ = timed ? frame_->best_effort_timestamp : stream_->start_time;
    if (origin_ == AV_NOPTS_VALUE) origin_ = 0;
    set_length(counted);
  }

  bool next(std::vector<float>& mono, int& rate) override {
    mono.clear();
    if (!has_frame_) has_frame_ = decode();
    if (!has_frame_) return false;
    has_frame_ = false;
    rate = frame_->sample_rate;
    const int channels = std::max(frame_->ch_layout.nb_channels, 1);
    for (int i = 0; i < frame_->nb_samples; ++i) {
      double sum = 0.0;
      for (int c = 0; c < channels; ++c) sum += clean(sample_at(*frame_, c, channels, i));
      mono.push_back(static_cast<float>(sum / channels));
    }
    return true;
  }

  std::optional<double> seek(double seconds) override {
    const double unit = av_q2d(stream_->time_base);
    const auto wanted = origin_ + static_cast<std::int64_t>(seconds / unit);
    if (av_seek_frame(format_.get(), stream_->index, wanted, AVSEEK_FLAG_BACKWARD) < 0) return std::nullopt;
    avcodec_flush_buffers(codec_.get());
    draining_ = false;
    has_frame_ = decode();
    if (!has_frame_ || frame_->best_effort_timestamp == AV_NOPTS_VALUE) return std::nullopt;
    const double landed = static_cast<double>(frame_->best_effort_timestamp - origin_) * unit;
    if (landed > seconds) return std::nullopt;
    return landed;
  }

 private:
  void set_length(std::optional<double> counted) {
    double seconds = -1.0;
    if (counted) {
      seconds = *counted;
    } else if (stream_->duration != AV_NOPTS_VALUE && stream_->duration > 0) {
      seconds = static_cast<double>(stream_->duration) * av_q2d(stream_->time_base);
    } else if (format_->duration != AV_NOPTS_VALUE && format_->duration > 0) {
      seconds = static_cast<double>(format_->duration) / AV_TIME_BASE;
    }
    info_.seconds = seconds;
    if (seconds >= 0.0 && seconds < 1e9) info_.frames = std::llround(seconds * info_.sample_rate);
  }

  /// The next frame with samples in it, into frame_. Damaged packets are left out. Ends, because every turn either
  /// gives a frame, uses a packet up, or starts draining.
  bool decode() {
    while (true) {
      const int got = avcodec_receive_frame(codec_.get(), frame_.get());
      if (got == 0) {
        if (frame_->nb_samples > 0 && frame_->sample_rate > 0) return true;
        continue;
      }
      if (draining_ || got != AVERROR(EAGAIN)) return false;
      if (!feed()) {
        draining_ = true;
        avcodec_send_packet(codec_.get(), nullptr);
      }
    }
  }

  /// Gives the decoder the next packet of our track; false at the end of the file.
  bool feed() {
    while (av_read_frame(format_.get(), packet_.get()) >= 0) {
      const bool ours = packet_->stream_index == stream_->index;
      const int taken = ours ? avcodec_send_packet(codec_.get(), packet_.get()) : -1;
      av_packet_unref(packet_.get());
      if (taken == 0) return true;
    }
    // Broken data is an end like any other; a disk that fails is not.
    failed_ = failed_ || (format_->pb != nullptr && format_->pb->error == AVERROR(EIO));
    return false;
  }

  FormatPointer format_;
  CodecPointer codec_;
  AVStream* stream_;
  std::unique_ptr<AVPacket, PacketCloser> packet_{av_packet_alloc()};
  std::unique_ptr<AVFrame, FrameCloser> frame_{av_frame_alloc()};
  std::int64_t origin_ = 0;  ///< of the first frame, in the track's units
  bool draining_ = false;
  bool has_frame_ = false;
};

FormatPointer open_container(const std::filesystem::path& file) {
  AVDictionary* options = nullptr;
  av_dict_set(&options, "protocol_whitelist", "file", 0);
  av_dict_set(&options, "format_whitelist", kContainers, 0);
  AVFormatContext* opened = nullptr;
  const int code = avformat_open_input(&opened, ("file:" + file.string()).c_str(), nullptr, &options);
  av_dict_free(&options);
  if (code < 0) return nullptr;
  FormatPointer format(opened);
  for (unsigned i = 0; i < format->nb_streams; ++i) {
    AVStream* stream = format->streams[i];
    if (stream->codecpar->codec_type != AVMEDIA_TYPE_AUDIO) stream->discard = AVDISCARD_ALL;
  }
  if (avformat_find_stream_info(format.get(), nullptr) < 0) return nullptr;
  return format;
}

std::string container_name(const AVFormatContext& format) {
  const std::string name = format.iformat->name;
  if (name.starts_with("mov,")) return "MP4";
  if (name.starts_with("matroska")) return "Matroska";
  if (name == "asf") return "WMA/ASF";
  return name.substr(0, name.find(','));
}

/// By reading all packets, without decoding them. Nothing where they do not say how long they last.
std::optional<double> seconds_of_packets(const std::filesystem::path& file) {
  const FormatPointer format = open_container(file);
  const int stream = format ? av_find_best_stream(format.get(), AVMEDIA_TYPE_AUDIO, -1, -1, nullptr, 0) : -1;
  if (stream < 0) return std::nullopt;
  const std::unique_ptr<AVPacket, PacketCloser> packet(av_packet_alloc());
  std::int64_t sum = 0;
  while (av_read_frame(format.get(), packet.get()) >= 0) {
    if (packet->stream_index == stream) sum += packet->duration;
    av_packet_unref(packet.get());
  }
  if (sum <= 0) return std::nullopt;
  return static_cast<double>(sum) * av_q2d(format->streams[stream]->time_base);
}

/// seconds_of_packets(), once for each file as it is: a recording of hours is opened anew for every stretch of it.
class CountedLengths {
 public:
  std::optional<double> of(const std::filesystem::path& file) {
    std::error_code code;
    const State now{std::filesystem::file_size(file, code), std::filesystem::last_write_time(file, code)};
    {
      const std::lock_guard lock(mutex_);
      const auto found = known_.find(file);
      if (found != known_.end() && found->second.first == now) return found->second.second;
    }
    const auto seconds = seconds_of_packets(file);
    const std::lock_guard lock(mutex_);
    if (known_.size() >= kMost) known_.clear();
    known_[file] = {now, seconds};
    return seconds;
  }

 private:
  using State = std::pair<std::uintmax_t, std::filesystem::file_time_type>;
  static constexpr std::size_t kMost = 10'000;
  std::mutex mutex_;
  std::map<std::filesystem::path, std::pair<State, std::optional<double>>> known_;
};

/// The seconds of a container that says them itself.
std::optional<double> seconds_of_header(const std::filesystem::path& file) {
  const FormatPointer format = open_container(file);
  if (!format || format->duration_estimation_method == AVFMT_DURATION_FROM_BITRATE) return std::nullopt;
  if (format->duration == AV_NOPTS_VALUE) return std::nullopt;
  return static_cast<double>(format->duration) / AV_TIME_BASE;
}

std::unique_ptr<RawAudio> open_counted(const std::filesystem::path& file, std::optional<double> counted) {
  FormatPointer format = open_container(file);
  if (!format) return nullptr;
  const AVCodec* decoder = nullptr;
  const int stream = av_find_best_stream(format.get(), AVMEDIA_TYPE_AUDIO, -1, -1, &decoder, 0);
  if (stream == AVERROR_STREAM_NOT_FOUND) {
    throw Error(ErrorKind::BadAudio, quoted(file) + " has no sound track. Choose a file with sound.");
  }
  CodecPointer codec(stream >= 0 && decoder != nullptr ? avcodec_alloc_context3(decoder) : nullptr);
  const bool usable = codec && avcodec_parameters_to_context(codec.get(), format->streams[stream]->codecpar) >= 0;
  if (codec) codec->pkt_timebase = format->streams[stream]->time_base;
  if (!usable || avcodec_open2(codec.get(), decoder, nullptr) < 0) {
    throw Error(ErrorKind::BadAudio, "The sound in " + quoted(file) +
                                         " is in a coding that cannot be read here. Convert it to WAV or FLAC.");
  }
  std::string container = container_name(*format);
  return std::make_unique<LibavAudio>(std::move(format), std::move(codec), stream, std::move(container), counted);
}

}  // namespace

std::unique_ptr<RawAudio> open_with_libav(const std::filesystem::path& file) {
  av_log_set_level(AV_LOG_QUIET);
  return open_counted(file, std::nullopt);
}

std::unique_ptr<RawAudio> open_if_not_as_long(const std::filesystem::path& file, double guess) {
  constexpr double kNear = 0.2;  // what encoders add at both ends is in one figure and not in the other
  av_log_set_level(AV_LOG_QUIET);
  const auto near = [guess](const std::optional<double>& seconds) { return std::abs(*seconds - guess) <= kNear; };
  if (const auto told = seconds_of_header(file); told && near(told)) return nullptr;
  static CountedLengths counted_before;
  const auto counted = counted_before.of(file);
  return counted && !near(counted) ? open_counted(file, counted) : nullptr;
}

}  // namespace hearsay
