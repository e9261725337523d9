// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/jsonlog/line_output.h"

#include <scanhost/error.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/rotating_file_sink.h>

#include <cstdio>

namespace scanhost {
namespace {

[[noreturn]] void failWrite(const std::string& why) {
  throw PluginError(ErrorClass::transient, "log lines cannot be written: " + why,
                    ErrorSubject::backend);
}

std::unique_ptr<spdlog::formatter> bareLines() {
  return std::make_unique<spdlog::pattern_formatter>("%v", spdlog::pattern_time_type::utc, "\n");
}

class RotatingFile : public LineOutput {
 public:
  explicit RotatingFile(const JsonlogConfig& config)
      : sink_(config.path, config.max_size, config.max_files) {
    sink_.set_formatter(bareLines());
  }
  void write(std::string_view line) override {
    try {
      sink_.log({"", spdlog::level::info, {line.data(), line.size()}});
    } catch (const spdlog::spdlog_ex& error) {
      failWrite(error.what());
    }
  }
  void flush() override {
    try {
      sink_.flush();
    } catch (const spdlog::spdlog_ex& error) {
      failWrite(error.what());
    }
  }

 private:
  spdlog::sinks::rotating_file_sink_st sink_;
};

/// spdlog's console sinks flush every line and ignore what the stream answers, so a standard stream
/// is written here: buffered, and with its errors.
class StandardStream : public LineOutput {
 public:
  explicit StandardStream(std::FILE* stream) : stream_(stream) {}

  void write(std::string_view line) override {
    const std::size_t written = std::fwrite(line.data(), 1, line.size(), stream_);
    if (written != line.size() || std::fputc('\n', stream_) == EOF) failStream();
  }
  void flush() override {
    if (std::fflush(stream_) != 0) failStream();
  }

 private:
  [[noreturn]] void failStream() {
    std::clearerr(stream_);
    failWrite(stream_ == stdout ? "standard output failed" : "standard error failed");
  }

  std::FILE* stream_;
};

}  // namespace

std::unique_ptr<LineOutput> LineOutput::open(const JsonlogConfig& config) {
  if (config.output == JsonlogConfig::Output::standard_output)
    return std::make_unique<StandardStream>(stdout);
  if (config.output == JsonlogConfig::Output::standard_error)
    return std::make_unique<StandardStream>(stderr);
  try {
    return std::make_unique<RotatingFile>(config);
  } catch (const spdlog::spdlog_ex& error) {
    throw PluginError(ErrorClass::config,
                      "log file " + config.path + " cannot be opened: " + error.what() +
                          "; make its folder writable for the service",
                      ErrorSubject::backend);
  }
}

}  // namespace scanhost
