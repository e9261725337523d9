// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/archive.h"

#include <Poco/DeflatingStream.h>

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <sstream>
#include <stdexcept>

namespace scanhost::ctl {
namespace {

constexpr std::size_t block = 512;

/// Numbers are octal digits that fill their field but for a zero byte.
struct UstarHeader {
  char name[100] = {};
  char mode[8] = "0000600";
  char owner[8] = "0000000";
  char group[8] = "0000000";
  char size[12] = {};
  char changed[12] = {};                                        // seconds since 1970
  char checksum[8] = {' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '};  // counts as spaces in its own sum
  char type = '0';                                              // a regular file
  char link[100] = {};
  char magic[6] = "ustar";
  char version[2] = {'0', '0'};
  char owner_name[32] = "root";
  char group_name[32] = "root";
  char rest[183] = {};  // device numbers, a prefix of the name, padding
};
static_assert(sizeof(UstarHeader) == block);

std::string headerOf(const ArchiveEntry& entry, Timestamp time) {
  UstarHeader header;
  if (entry.name.size() > sizeof header.name)
    throw std::invalid_argument(entry.name + " is too long for a name in an archive");
  std::memcpy(header.name, entry.name.data(), entry.name.size());
  std::snprintf(header.size, sizeof header.size, "%011zo", entry.text.size());
  std::snprintf(header.changed, sizeof header.changed, "%011llo",
                static_cast<unsigned long long>(time.micros / 1'000'000));
  std::string bytes(block, '\0');
  std::memcpy(bytes.data(), &header, block);
  unsigned sum = 0;
  for (const char c : bytes) sum += static_cast<unsigned char>(c);
  std::snprintf(&bytes[offsetof(UstarHeader, checksum)], sizeof header.checksum, "%06o", sum);
  return bytes;
}

}  // namespace

std::string tarGz(const std::vector<ArchiveEntry>& entries, Timestamp time) {
  std::ostringstream out;
  Poco::DeflatingOutputStream gzip(out, Poco::DeflatingStreamBuf::STREAM_GZIP);
  for (const ArchiveEntry& entry : entries) {
    gzip << headerOf(entry, time) << entry.text;
    if (const std::size_t over = entry.text.size() % block; over != 0)
      gzip << std::string(block - over, '\0');
  }
  gzip << std::string(2 * block, '\0');
  gzip.close();
  return std::move(out).str();
}

}  // namespace scanhost::ctl
