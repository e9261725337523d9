// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Events as JSON lines, on a standard stream or in a file that is begun anew at a size.
///
/// Lines wait in a buffer until the end of a batch. A line is written whole or goes on where it was
/// cut: what a full disk or a pipe that nobody reads did not take stays in the buffer.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "plugins/exporter/jsonlog/descriptor.h"
#include "plugins/exporter/jsonlog/event_output.h"

namespace scanhost {

/// Takes bytes as far as it can for now.
class ByteSink {
 public:
  virtual ~ByteSink() = default;

  /// Called between lines. May throw as EventOutput::write().
  virtual void prepare() {}
  /// Whether there is no room for a line of `more` bytes after those that wait to be written.
  virtual bool isFull(std::size_t /*waiting*/, std::size_t /*more*/) const { return false; }
  /// Called between lines when it is full.
  virtual void beginAnew() {}
  /// Writes as many of the bytes as it can; how many. With fewer than all `trouble` says why: an
  /// error, or nothing was taken for as long as EventOutput::patience.
  virtual std::size_t write(std::string_view bytes, std::string& trouble) = 0;
};

/// Standard output or error; its descriptor stays open, and its flags as they are, for others may
/// share them.
class StandardStream : public ByteSink {
 public:
  StandardStream(int descriptor, std::string name)
      : descriptor_(descriptor), name_(std::move(name)) {}
  std::size_t write(std::string_view bytes, std::string& trouble) override;

 private:
  const int descriptor_;
  const std::string name_;
};

/// A file, mode 0640, which becomes NAME.1.EXT at its size, that one NAME.2.EXT, and so on. One
/// that was renamed or removed by somebody else (logrotate) is noticed with the next batch and made
/// anew. A torn line that it ends in when it is opened is ended before anything is written.
class LogFile : public ByteSink {
 public:
  /// Throws PluginError (config, backend) when it cannot be opened.
  explicit LogFile(const JsonlogConfig& config);
  void prepare() override;
  bool isFull(std::size_t waiting, std::size_t more) const override;
  void beginAnew() override;
  std::size_t write(std::string_view bytes, std::string& trouble) override;

 private:
  int open();
  bool endsInATornLine() const;
  bool isOpened(const struct stat& file) const;
  bool isStillThere() const;
  std::string older(std::size_t number) const;

  const std::string path_;
  const std::uint64_t max_size_;
  const std::size_t max_files_;
  Descriptor file_;
  struct stat opened_ {};
  std::uint64_t size_ = 0;
  bool is_untouched_ = true;  ///< nothing was written to it since it was opened
};

class LineOutput : public EventOutput {
 public:
  explicit LineOutput(std::unique_ptr<ByteSink> sink) : sink_(std::move(sink)) {}

  void write(const scanhost_logged_event& event) override;
  void flush() override;

 private:
  std::unique_ptr<ByteSink> sink_;
  std::string buffer_;
  bool is_line_begun_ = false;  ///< the buffer goes on with what the sink has the head of
};

}  // namespace scanhost
