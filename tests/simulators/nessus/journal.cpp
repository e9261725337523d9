// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/journal.h"

#include <openssl/evp.h>

#include <array>

#include "host/base/random.h"

namespace scanhost::simulator {

std::string sha256Hex(std::string_view bytes) {
  std::array<std::uint8_t, 32> digest{};
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return toHex(digest);
}

void Journal::add(JournalEntry entry) {
  const std::lock_guard lock(mutex_);
  entries_.push_back(std::move(entry));
}

Json Journal::entries(std::int64_t after) const {
  const std::lock_guard lock(mutex_);
  Json list = Json::array();
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const auto seq = static_cast<std::int64_t>(i) + 1;
    if (seq <= after) continue;
    const JournalEntry& entry = entries_[i];
    Json item = Json::object({{"seq", seq},
                              {"time", formatTimestamp(entry.time)},
                              {"method", entry.method},
                              {"path", entry.path},
                              {"status", entry.status},
                              {"effect", entry.effect}});
    if (!entry.query.empty()) item["query"] = entry.query;
    if (entry.scan_id) item["scan_id"] = *entry.scan_id;
    if (!entry.name.empty()) item["name"] = entry.name;
    if (!entry.fault.empty()) item["fault"] = entry.fault;
    list.push(std::move(item));
  }
  return Json::object({{"entries", std::move(list)}});
}

void Journal::addCredentials(std::optional<std::int64_t> scan_id, const Json& credentials,
                             const std::string& path) {
  for (const auto& [name, value] : credentials.members())
    addCredentials(scan_id, value, path.empty() ? name : path + "." + name);
  for (std::size_t i = 0; i < credentials.items().size(); ++i)
    addCredentials(scan_id, credentials.items()[i], path + "[" + std::to_string(i) + "]");
  if (!credentials.isString()) return;
  const std::lock_guard lock(mutex_);
  credentials_.push_back({scan_id, path, sha256Hex(credentials.asString())});
}

Json Journal::credentials() const {
  const std::lock_guard lock(mutex_);
  Json list = Json::array();
  for (const SeenCredential& seen : credentials_) {
    Json item = Json::object({{"path", seen.path}, {"sha256", seen.sha256}});
    if (seen.scan_id) item["scan_id"] = *seen.scan_id;
    list.push(std::move(item));
  }
  return Json::object({{"credentials", std::move(list)}});
}

}  // namespace scanhost::simulator
