// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/plugins/trust.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "host/base/digest.h"
#include "host/base/random.h"
#include "sdk/manifest/manifest.h"

namespace scanhost {
namespace {

std::string userName(uid_t uid) {
  std::array<char, 4096> buffer;
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found)
    return "'" + std::string(found->pw_name) + "'";
  return std::to_string(uid);
}

std::string groupName(gid_t gid) {
  std::array<char, 4096> buffer;
  group entry{};
  group* found = nullptr;
  if (getgrgid_r(gid, &entry, buffer.data(), buffer.size(), &found) == 0 && found)
    return "'" + std::string(found->gr_name) + "'";
  return std::to_string(gid);
}

std::string modeText(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

std::int64_t nanoseconds(const timespec& time) {
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

FileState stateOf(const struct stat& info) {
  return {info.st_dev, info.st_ino, info.st_size, nanoseconds(info.st_mtim),
          nanoseconds(info.st_ctim)};
}

std::string errnoText() {
  return std::generic_category().message(errno);
}

/// One walk to one plugin file; the messages of its refusals begin alike.
class TrustWalk {
 public:
  TrustWalk(const std::string& plugin, const TrustOptions& options, const KnownContents* known)
      : plugin_(plugin), options_(options), known_(known) {}

  Result<TrustedFile> open(const std::filesystem::path& folder) {
    if (!isPluginName(plugin_))
      return refuse("is no plugin name; expected <kind>-<name> in lower case, such as scanner-nmap",
                    "SH-P-26");
    std::error_code error;
    const std::filesystem::path real = std::filesystem::canonical(folder, error);
    if (error)
      return refuse("plugin folder " + folder.string() + " cannot be used: " + error.message(),
                    "SH-P-26");
    auto folder_fd = openFolder(real);
    if (!folder_fd) return tl::unexpected<Error>(folder_fd.error());
    return openFile(*folder_fd, real / (plugin_ + ".so"));
  }

 private:
  /// `rule` is the obligation of docs/reference/abi.md that the file does not meet.
  tl::unexpected<Error> refuse(const std::string& why, const char* rule) const {
    return fail(ErrorClass::config, "plugin " + plugin_ + ": " + why + " (" + rule + ")");
  }

  /// Opens the folder from the root down. `real` has no links, so one met here was put in since.
  Result<UniqueFd> openFolder(const std::filesystem::path& real) const {
    constexpr int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    UniqueFd current(::open("/", flags));
    std::filesystem::path path = "/";
    if (const Status ok = checkFolder(current.get(), path); !ok)
      return tl::unexpected<Error>(ok.error());
    for (const std::filesystem::path& part : real.relative_path()) {
      path /= part;
      UniqueFd next(openat(current.get(), part.c_str(), flags));
      if (!next)
        return refuse("folder " + path.string() + " cannot be opened: " + errnoText(), "SH-P-25");
      if (const Status ok = checkFolder(next.get(), path); !ok)
        return tl::unexpected<Error>(ok.error());
      current = std::move(next);
    }
    return current;
  }

  Status checkFolder(int fd, const std::filesystem::path& path) const {
    struct stat info {};
    if (fstat(fd, &info) != 0)
      return refuse("folder " + path.string() + " cannot be examined: " + errnoText(), "SH-P-25");
    const bool sticky_of_root = (info.st_mode & S_ISVTX) != 0 && info.st_uid == 0;
    if (sticky_of_root) return {};
    return checkOwnerAndMode(info, "folder " + path.string());
  }

  Status checkOwnerAndMode(const struct stat& info, const std::string& what) const {
    if (info.st_uid != 0 && info.st_uid != options_.service_uid)
      return refuse(what + " is owned by " + userName(info.st_uid) + ", expected root or " +
                        userName(options_.service_uid) + "; run chown root on it",
                    "SH-P-25");
    if (info.st_mode & S_IWOTH)
      return refuse(what + " of mode " + modeText(info.st_mode) +
                        " lets everyone write it; run chmod o-w on it",
                    "SH-P-25");
    if (info.st_mode & S_IWGRP)
      return refuse(what + " of mode " + modeText(info.st_mode) + " lets group " +
                        groupName(info.st_gid) + " write it; run chmod g-w on it",
                    "SH-P-25");
    return {};
  }

  Result<TrustedFile> openFile(const UniqueFd& folder, const std::filesystem::path& path) const {
    TrustedFile file;
    file.path = path.string();
    // Without O_NONBLOCK a FIFO of that name would hold the start for ever.
    file.fd = UniqueFd(openat(folder.get(), path.filename().c_str(),
                              O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file.fd && errno == ELOOP)
      return refuse("file " + file.path +
                        " is a symbolic link, expected the file itself; copy the plugin there",
                    "SH-P-24");
    if (!file.fd && errno == ENOENT)
      return refuse(
          "there is no file " + file.path + "; install the plugin there or correct plugins.dir",
          "SH-P-26");
    if (!file.fd)
      return refuse("file " + file.path + " cannot be opened: " + errnoText(), "SH-P-25");
    struct stat info {};
    if (fstat(file.fd.get(), &info) != 0)
      return refuse("file " + file.path + " cannot be examined: " + errnoText(), "SH-P-25");
    if (!S_ISREG(info.st_mode))
      return refuse("file " + file.path + " is not a regular file; put the plugin's .so there",
                    "SH-P-24");
    if (const Status ok = checkOwnerAndMode(info, "file " + file.path); !ok)
      return tl::unexpected<Error>(ok.error());
    file.contents.state = stateOf(info);
    if (known_ && known_->state == file.contents.state)
      file.contents.sha256 = known_->sha256;
    else if (const Status ok = readAll(file, info); !ok)
      return tl::unexpected<Error>(ok.error());
    if (const Status ok = checkPin(file); !ok) return tl::unexpected<Error>(ok.error());
    return file;
  }

  Status readAll(TrustedFile& file, const struct stat& info) const {
    if (static_cast<std::uint64_t>(info.st_size) > max_plugin_bytes)
      return refuse("file " + file.path + " has " + std::to_string(info.st_size) +
                        " bytes; at most " + std::to_string(max_plugin_bytes) + " are loaded",
                    "SH-P-28");
    file.bytes = FileBytes(static_cast<std::size_t>(info.st_size));
    std::size_t got = 0;
    while (got < file.bytes.size()) {
      const ssize_t count = pread(file.fd.get(), file.bytes.data() + got, file.bytes.size() - got,
                                  static_cast<off_t>(got));
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0)
        return refuse("file " + file.path + " cannot be read to its end: " + errnoText(),
                      "SH-P-28");
      got += static_cast<std::size_t>(count);
    }
    file.contents.sha256 = toHex(sha256(file.bytes.view()));
    return {};
  }

  Status checkPin(const TrustedFile& file) const {
    const auto pin = options_.pins.find(plugin_);
    if (pin == options_.pins.end()) return {};
    std::string expected = pin->second;
    std::transform(expected.begin(), expected.end(), expected.begin(),
                   [](char c) { return c >= 'A' && c <= 'F' ? static_cast<char>(c + 32) : c; });
    if (expected == file.contents.sha256) return {};
    return refuse("file " + file.path + " has SHA-256 " + file.contents.sha256 +
                      ", and plugins.pins expects " + expected.substr(0, 128) +
                      "; reinstall the plugin, or pin the new one if you trust it",
                  "SH-P-27");
  }

  const std::string& plugin_;
  const TrustOptions& options_;
  const KnownContents* const known_;
};

}  // namespace

uid_t TrustOptions::currentUser() {
  return geteuid();
}

Result<TrustedFile> openTrusted(const std::filesystem::path& folder, const std::string& plugin,
                                const TrustOptions& options, const KnownContents* known) {
  return TrustWalk(plugin, options, known).open(folder);
}

}  // namespace scanhost
