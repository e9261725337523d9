// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/exports.h"

#include <fcntl.h>
#include <scanhost/json.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "host/base/random.h"

namespace scanhost {
namespace {

constexpr std::string_view link_purpose = "export-link";
constexpr std::size_t name_length = 32;

/// As begin() makes them.
bool isExportName(std::string_view name) {
  return name.size() == name_length &&
         name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

ExportFile::~ExportFile() {
  if (is_kept_) return;
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

Status ExportFile::write(std::string_view bytes) {
  if (bytes.size() > most_ - bytes_)
    return fail(ErrorClass::unsupported,
                "the export would be larger than " + std::to_string(most_) +
                    " bytes, which is the room left for exports on this node");
  for (std::string_view left = bytes; !left.empty();) {
    const ssize_t wrote = ::write(file_.get(), left.data(), left.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return fail(ErrorClass::transient, path_.string() + ": " + std::strerror(errno));
    left.remove_prefix(static_cast<std::size_t>(wrote));
  }
  bytes_ += bytes.size();
  digest_.update(bytes);
  return {};
}

Exports::Exports(std::filesystem::path folder, const Keyring& keys, const TimeSource& time,
                 Options options)
    : folder_(std::move(folder)), keys_(keys), time_(time), options_(options) {
  tidy();
}

void Exports::tidy() {
  const std::lock_guard lock(mutex_);
  std::size_t files = 0;
  removeOld(files);
}

/// Removes what no link can lead to any more; tells how much is left.
std::uint64_t Exports::removeOld(std::size_t& files) const {
  std::uint64_t bytes = 0;
  const std::int64_t oldest =
      time_.wall().micros / 1'000'000 - std::chrono::seconds(options_.lifetime).count();
  std::error_code ignored;
  const std::filesystem::directory_iterator end;
  for (std::filesystem::directory_iterator at(folder_, ignored); at != end; at.increment(ignored)) {
    const std::filesystem::path path = at->path();
    struct stat info {};
    if (!isExportName(path.filename().string()) || lstat(path.c_str(), &info) != 0 ||
        !S_ISREG(info.st_mode))
      continue;
    if (info.st_mtim.tv_sec < oldest) {
      std::filesystem::remove(path, ignored);
      continue;
    }
    ++files;
    bytes += static_cast<std::uint64_t>(info.st_size);
  }
  return bytes;
}

Result<std::unique_ptr<ExportFile>> Exports::begin() {
  const std::lock_guard lock(mutex_);
  std::size_t files = 0;
  const std::uint64_t used = removeOld(files);
  if (files >= options_.most_files || used >= options_.most_bytes)
    return fail(ErrorClass::busy, "there are too many exports on this node; they go after " +
                                      std::to_string(options_.lifetime.count()) + " s");
  if (mkdir(folder_.c_str(), 0700) != 0 && errno != EEXIST)
    return fail(ErrorClass::transient, folder_.string() + ": " + std::strerror(errno));
  std::string name = toHex(randomBytes<name_length / 2>());
  std::filesystem::path path = folder_ / name;
  UniqueFd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return fail(ErrorClass::transient, path.string() + ": " + std::strerror(errno));
  return std::unique_ptr<ExportFile>(
      new ExportFile(std::move(path), std::move(name), std::move(file),
                     std::min(options_.most_bytes - used, options_.most_file_bytes)));
}

Result<Exports::Kept> Exports::keep(ExportFile& file, std::string_view media_type,
                                    std::string_view file_name, std::string_view subject) {
  const Timestamp expires{time_.wall().micros +
                          std::chrono::microseconds(options_.lifetime).count()};
  const Json link = Json::object({{"file", file.name_},
                                  {"media_type", media_type},
                                  {"file_name", file_name},
                                  {"expires", expires.micros}});
  file.is_kept_ = true;
  file.file_.reset();
  return Kept{keys_.seal(link_purpose, subject, link.dump()), file.bytes_,
              toHex(file.digest_.finish()), expires};
}

std::optional<Exports::Download> Exports::open(std::string_view link,
                                               std::string_view subject) const {
  const auto opened = keys_.open(link_purpose, subject, link);
  const auto told = opened ? Json::tryParse(*opened) : std::nullopt;
  if (!told || (*told)["expires"].asInteger() <= time_.wall().micros) return std::nullopt;
  const std::string& name = (*told)["file"].asString();
  if (!isExportName(name)) return std::nullopt;
  Download download;
  download.file = UniqueFd(::open((folder_ / name).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info {};
  if (!download.file || fstat(download.file.get(), &info) != 0 || !S_ISREG(info.st_mode))
    return std::nullopt;
  download.bytes = static_cast<std::uint64_t>(info.st_size);
  download.media_type = (*told)["media_type"].asString();
  download.file_name = (*told)["file_name"].asString();
  return download;
}

}  // namespace scanhost
