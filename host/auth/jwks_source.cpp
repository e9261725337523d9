// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/jwks_source.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <utility>

namespace scanhost {
namespace {

using namespace std::chrono_literals;

constexpr auto refresh_interval = 10min;
constexpr auto least_interval = 30s;
constexpr auto keep_for = 24h;
constexpr auto longest_wait = 5s;

}  // namespace

Result<std::unique_ptr<JwksSource>> JwksSource::fromFile(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::string text(Jwks::max_bytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || text.empty())
    return fail(ErrorClass::config, file.string() + " cannot be read, or is empty");
  auto keys = Jwks::parse(text);
  if (!keys) return fail(ErrorClass::config, file.string() + ": " + keys.error().message);
  return std::unique_ptr<JwksSource>(new JwksSource(std::move(*keys)));
}

JwksSource::JwksSource(Jwks keys)
    : time_(TimeSource::system()),
      keys_(std::make_shared<const Jwks>(std::move(keys))),
      wanted_(false) {}

JwksSource::JwksSource(Fetch fetch, std::function<void(const std::string&)> on_trouble,
                       const TimeSource& time)
    : fetch_(std::move(fetch)),
      on_trouble_(std::move(on_trouble)),
      time_(time),
      thread_([this] { run(); }) {}

JwksSource::~JwksSource() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

std::vector<JwksKey> JwksSource::find(std::string_view key_id, JwtAlgorithm algorithm) const {
  std::vector<JwksKey> found;
  if (!keys_) return found;
  for (const JwksKey& key : keys_->keys())
    if (key.suits(algorithm) && (key_id.empty() || key.id() == key_id)) found.push_back(key);
  return found;
}

Result<std::vector<JwksKey>> JwksSource::keysFor(std::string_view key_id, JwtAlgorithm algorithm) {
  Lock lock(mutex_);
  auto found = find(key_id, algorithm);
  if (found.empty() && fetch_) {
    waitForFetch(lock);
    found = find(key_id, algorithm);
  }
  if (!found.empty()) return found;
  if (!keys_) return fail(ErrorClass::transient, "the issuer's keys could not be fetched");
  return fail(ErrorClass::auth, "the JWT is signed with a key that the issuer does not publish");
}

/// For one that is under way, or one that may be made now.
void JwksSource::waitForFetch(Lock& lock) {
  const bool is_due = tried_ == std::chrono::steady_clock::time_point{} ||
                      time_.steady() - tried_ >= least_interval;
  if (!wanted_ && !is_due) return;
  wanted_ = true;
  changed_.notify_all();
  const std::uint64_t before = fetches_;
  changed_.wait_for(lock, longest_wait, [&] { return fetches_ != before || stopping_; });
}

void JwksSource::run() {
  Lock lock(mutex_);
  while (!stopping_) {
    if (wanted_) {
      fetchOnce(lock);
      continue;
    }
    // Where there are no keys yet, soon again.
    changed_.wait_for(lock, keys_ ? refresh_interval : std::chrono::minutes(1),
                      [&] { return wanted_ || stopping_; });
    wanted_ = true;
  }
}

void JwksSource::fetchOnce(Lock& lock) {
  tried_ = time_.steady();
  lock.unlock();
  const auto text = fetch_();
  auto keys = text ? Jwks::parse(*text) : Result<Jwks>(tl::unexpected<Error>(text.error()));
  lock.lock();
  if (keys) {
    keys_ = std::make_shared<const Jwks>(std::move(*keys));
    fetched_ = tried_;
    in_trouble_ = false;
  } else {
    if (keys_ && time_.steady() - fetched_ >= keep_for) keys_.reset();
    if (on_trouble_ && !std::exchange(in_trouble_, true)) on_trouble_(keys.error().message);
  }
  wanted_ = false;
  ++fetches_;
  changed_.notify_all();
}

}  // namespace scanhost
