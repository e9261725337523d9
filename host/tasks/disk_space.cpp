// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/disk_space.h"

#include <sys/statvfs.h>

#include <string>
#include <utility>

namespace scanhost {
namespace {

constexpr std::chrono::seconds look_again{30};
constexpr std::uint64_t start_bytes = 1u << 20;

DiskSpace::Look lookAt(const std::filesystem::path& folder) {
  return [folder = folder.string()]() -> std::optional<std::uint64_t> {
    struct statvfs disk {};
    if (statvfs(folder.c_str(), &disk) != 0) return std::nullopt;
    return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  };
}

std::string mebibytes(std::uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MiB";
}

}  // namespace

DiskSpace::DiskSpace(const std::filesystem::path& folder, std::uint64_t floor)
    : DiskSpace(lookAt(folder), floor) {}

Status DiskSpace::check() const {
  const std::uint64_t floor = floor_;
  if (floor == 0) return {};
  const auto left = free();
  if (!left || *left >= floor) return {};
  Error error{ErrorClass::busy,
              "only " + mebibytes(*left) +
                  " are free on the disk of node.data_dir, less than "
                  "limits.disk_free (" +
                  mebibytes(floor) + "); make room there",
              ErrorSubject::backend, look_again};
  return tl::unexpected<Error>(std::move(error));
}

Status DiskSpace::checkStart() const {
  const auto left = free();
  if (!left || *left >= start_bytes) return {};
  return fail(ErrorClass::config,
              "only " + std::to_string(*left >> 10) +
                  " KiB are free on the disk of node.data_dir, and a start needs " +
                  mebibytes(start_bytes) + "; make room there");
}

}  // namespace scanhost
