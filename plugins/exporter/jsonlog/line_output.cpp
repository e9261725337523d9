// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/jsonlog/line_output.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <scanhost/error.h>
#include <scanhost/text.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace scanhost {
namespace {

constexpr std::size_t buffer_bytes = 64u << 10;
constexpr mode_t file_mode = 0640;

/// Writes what can be without waiting, also where the descriptor itself would block: to a pipe or
/// a terminal that poll() calls writable, so many bytes can be written.
ssize_t writeSome(int descriptor, std::string_view bytes) {
  struct stat kind {};
  if (fstat(descriptor, &kind) != 0) return -1;
  if (S_ISSOCK(kind.st_mode))
    return send(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (!S_ISREG(kind.st_mode)) {
    bytes = bytes.substr(0, PIPE_BUF);
    pollfd ready{descriptor, POLLOUT, 0};
    if (poll(&ready, 1, 0) == 0) {
      errno = EAGAIN;
      return -1;
    }
  }
  return ::write(descriptor, bytes.data(), bytes.size());
}

bool waitWritable(int descriptor) {
  pollfd ready{descriptor, POLLOUT, 0};
  return poll(&ready, 1, static_cast<int>(EventOutput::patience.count())) > 0;
}

std::size_t writePatiently(int descriptor, std::string_view bytes, std::string& trouble) {
  std::size_t written = 0;
  while (written < bytes.size() && trouble.empty()) {
    const ssize_t count = writeSome(descriptor, bytes.substr(written));
    if (count >= 0)
      written += static_cast<std::size_t>(count);
    else if (errno == EAGAIN) {
      if (!waitWritable(descriptor)) trouble = "nobody reads it";
    } else if (errno != EINTR)
      trouble = std::strerror(errno);
  }
  return written;
}

}  // namespace

std::size_t StandardStream::write(std::string_view bytes, std::string& trouble) {
  const std::size_t written = writePatiently(descriptor_, bytes, trouble);
  if (!trouble.empty()) trouble = name_ + ": " + trouble;
  return written;
}

LogFile::LogFile(const JsonlogConfig& config)
    : path_(config.path), max_size_(config.max_size), max_files_(config.max_files) {
  if (const int error = open(); error != 0)
    throw PluginError(ErrorClass::config,
                      "log file " + path_ + " cannot be opened: " + std::strerror(error) +
                          "; make its folder writable for the service",
                      ErrorSubject::backend);
}

/// 0, or the error. Never waits: a FIFO that nobody has opened is refused (ENXIO).
int LogFile::open() {
  Descriptor file(::open(
      path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, file_mode));
  if (!file || fstat(file.get(), &opened_) != 0) return errno;
  size_ = S_ISREG(opened_.st_mode) ? static_cast<std::uint64_t>(opened_.st_size) : 0;
  file_ = std::move(file);
  is_untouched_ = true;
  return 0;
}

/// Whether a crash or a full disk cut its last line. Another descriptor reads it: ours, were it
/// open for reading, would open a FIFO that nobody reads.
bool LogFile::endsInATornLine() const {
  if (!S_ISREG(opened_.st_mode)) return false;
  const Descriptor file(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat now {};
  if (!file || fstat(file.get(), &now) != 0 || !isOpened(now) || now.st_size == 0) return false;
  char last = '\n';
  return pread(file.get(), &last, 1, now.st_size - 1) == 1 && last != '\n';
}

bool LogFile::isOpened(const struct stat& file) const {
  return file.st_dev == opened_.st_dev && file.st_ino == opened_.st_ino;
}

bool LogFile::isStillThere() const {
  struct stat now {};
  return stat(path_.c_str(), &now) == 0 && isOpened(now);
}

void LogFile::prepare() {
  if (isStillThere()) return;
  if (const int error = open(); error != 0) failWrite(path_ + ": " + std::strerror(error));
}

bool LogFile::isFull(std::size_t waiting, std::size_t more) const {
  const std::uint64_t size = size_ + waiting;
  return S_ISREG(opened_.st_mode) && size > 0 && size + more > max_size_;
}

std::string LogFile::older(std::size_t number) const {
  const std::filesystem::path path(path_);
  return (path.parent_path() /
          (path.stem().string() + "." + std::to_string(number) + path.extension().string()))
      .string();
}

/// Where it cannot be renamed, it goes on, and is tried again after as many bytes: better a big
/// file than none.
void LogFile::beginAnew() {
  for (std::size_t number = max_files_; number > 1; --number)
    std::rename(older(number - 1).c_str(), older(number).c_str());
  size_ = 0;
  if (std::rename(path_.c_str(), older(1).c_str()) != 0) return;
  prepare();
}

std::size_t LogFile::write(std::string_view bytes, std::string& trouble) {
  if (is_untouched_ && endsInATornLine()) size_ += writePatiently(file_.get(), "\n", trouble);
  const std::size_t written = writePatiently(file_.get(), bytes, trouble);
  if (written > 0) is_untouched_ = false;
  size_ += written;
  if (!trouble.empty()) trouble = path_ + ": " + trouble;
  return written;
}

void LineOutput::write(const scanhost_logged_event& event) {
  const std::string_view line = toView(event.line);
  if (buffer_.size() >= buffer_bytes) flush();
  if (sink_->isFull(buffer_.size(), line.size() + 1)) {
    flush();
    sink_->beginAnew();
  }
  buffer_ += line;
  buffer_ += '\n';
}

void LineOutput::flush() {
  if (buffer_.empty()) return;
  if (!is_line_begun_) sink_->prepare();
  std::string trouble;
  const std::size_t written = sink_->write(buffer_, trouble);
  if (written > 0) is_line_begun_ = buffer_[written - 1] != '\n';
  buffer_.erase(0, written);
  if (!trouble.empty()) failWrite(trouble);
}

}  // namespace scanhost
