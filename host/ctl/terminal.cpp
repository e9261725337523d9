// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "host/base/escape.h"
#include "host/ctl/exit_code.h"

namespace scanhost::ctl {
namespace {

constexpr std::size_t max_secret = 64u << 10;

int descriptorOf(Stream stream) {
  return stream == Stream::standard_output ? STDOUT_FILENO : STDERR_FILENO;
}

bool isSet(const char* name) {
  const char* value = std::getenv(name);
  return value && *value;
}

/// Switches the echo off for as long as it lives.
class EchoOff {
 public:
  EchoOff() {
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  ~EchoOff() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;

 private:
  termios before_{};
  bool changed_ = false;
};

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)) {}
  ~OpenFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

std::string firstLine(const std::string& text) {
  std::string line = text.substr(0, text.find('\n'));
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return line;
}

}  // namespace

bool isTerminal(Stream stream) {
  return ::isatty(descriptorOf(stream)) == 1;
}

bool canRedraw(Stream stream) {
  const char* term = std::getenv("TERM");
  return isTerminal(stream) && term && *term && std::strcmp(term, "dumb") != 0;
}

bool canColour(Stream stream) {
  return canRedraw(stream) && !isSet("NO_COLOR");
}

std::size_t terminalWidth() {
  winsize size{};
  if (!isTerminal(Stream::standard_output)) return 0;
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

std::string readSecret(const std::string& prompt) {
  std::string line;
  if (::isatty(STDIN_FILENO) == 1) {
    std::cerr << prompt << ": " << std::flush;
    const EchoOff echo_off;
    std::getline(std::cin, line);
    std::cerr << '\n';
  } else {
    std::getline(std::cin, line);
  }
  line = firstLine(line);
  if (line.empty()) throw UsageError(prompt + ": nothing was given");
  return line;
}

std::string readSecretFile(const std::string& path, const std::string& what) {
  const std::string shown = what + " file " + forTerminal(path) + ": ";
  const OpenFile file(path);
  if (file.get() < 0) throw UsageError(shown + std::strerror(errno));
  struct stat facts {};
  if (::fstat(file.get(), &facts) == 0 && S_ISREG(facts.st_mode) && (facts.st_mode & S_IROTH) != 0)
    std::cerr << "warning: " << shown << "everyone can read it; run chmod o-r\n";

  std::string text;
  std::array<char, 4096> piece;
  for (;;) {
    const ssize_t got = ::read(file.get(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw UsageError(shown + std::strerror(errno));
    if (got == 0) break;
    text.append(piece.data(), static_cast<std::size_t>(got));
    if (text.size() > max_secret)
      throw UsageError(shown + "larger than 64 KiB; is it the right one?");
  }
  const std::string secret = firstLine(text);
  if (secret.empty()) throw UsageError(shown + "its first line is empty");
  return secret;
}

}  // namespace scanhost::ctl
