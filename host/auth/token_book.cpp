// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/token_book.h"

#include <openssl/crypto.h>
#include <sys/stat.h>

#include <utility>

#include "host/base/digest.h"

namespace scanhost {
namespace {

constexpr std::chrono::seconds look_interval{1};

std::int64_t nanosOf(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

TokenBook::TokenBook(std::filesystem::path file, std::function<void(const std::string&)> on_trouble,
                     const TimeSource& time)
    : file_(std::move(file)),
      on_trouble_(std::move(on_trouble)),
      time_(time),
      identity_(identify()),
      looked_ns_(time.steady().time_since_epoch().count()),
      read_(std::make_shared<const Read>(readTokenFile(file_))) {}

Status TokenBook::state() const {
  const auto read = read_.get();
  if (!*read) return tl::unexpected<Error>(read->error());
  return {};
}

TokenBook::Identity TokenBook::identify() const {
  struct stat info {};
  if (lstat(file_.c_str(), &info) != 0) return {};
  return {info.st_dev,
          info.st_ino,
          static_cast<std::uint64_t>(info.st_size),
          nanosOf(info.st_mtim),
          nanosOf(info.st_ctim),
          info.st_mode,
          info.st_uid};
}

void TokenBook::lookAgain() const {
  const std::int64_t now = time_.steady().time_since_epoch().count();
  if (now - looked_ns_ < std::chrono::nanoseconds(look_interval).count()) return;
  const std::lock_guard lock(look_mutex_);
  if (now - looked_ns_ < std::chrono::nanoseconds(look_interval).count()) return;
  // Identified before it is read: what changes in between differs at the next look.
  const Identity identity = identify();
  if (identity != identity_ || !*read_.get()) {
    auto read = std::make_shared<const Read>(readTokenFile(file_));
    if (!*read && on_trouble_ && identity != identity_) on_trouble_(read->error().message);
    read_.put(std::move(read));
    identity_ = identity;
  }
  looked_ns_ = now;
}

Result<TokenRecord> TokenBook::find(std::string_view token) const {
  lookAgain();
  const auto read = read_.get();
  if (!*read) return fail(ErrorClass::transient, read->error().message);
  const auto digest = sha256(token);
  const TokenRecord* found = nullptr;
  for (const TokenRecord& record : **read)
    if (CRYPTO_memcmp(record.sha256.data(), digest.data(), digest.size()) == 0) found = &record;
  if (!found) return fail(ErrorClass::auth, "the token is not known");
  if (found->expires.micros != 0 && found->expires <= time_.wall())
    return fail(ErrorClass::auth, "the token " + found->name + " has expired");
  return *found;
}

}  // namespace scanhost
