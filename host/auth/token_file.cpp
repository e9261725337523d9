// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/token_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <scanhost/json.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

#include "host/base/base64.h"
#include "host/base/digest.h"
#include "host/base/durable_file.h"
#include "host/base/nearest.h"
#include "host/base/private_file.h"
#include "host/base/random.h"
#include "host/base/unique_fd.h"
#include "host/config/value_text.h"

namespace scanhost {
namespace {

constexpr std::string_view prefix = "scanhost_";
constexpr std::size_t secret_bytes = 32;
constexpr std::size_t max_file_bytes = 512 * 1024;
/// Whose tasks those of a service without authentication are.
constexpr std::string_view reserved_name = "anonymous";

using Records = std::vector<TokenRecord>;

std::optional<std::array<std::uint8_t, 32>> readDigest(std::string_view hex) {
  std::array<std::uint8_t, 32> out{};
  if (hex.size() != 2 * out.size()) return std::nullopt;
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return out;
}

std::optional<std::set<Role>> readRoles(const Json& names) {
  std::set<Role> roles;
  for (const Json& name : names.items()) {
    const auto role = roleNamed(name.asString());
    if (!role) return std::nullopt;
    roles.insert(*role);
  }
  if (roles.empty()) return std::nullopt;
  return roles;
}

/// What is wrong with the entry, or nothing.
std::string readRecord(const Json& entry, TokenRecord& record) {
  record.name = entry["name"].asString();
  if (!isName(record.name) || record.name == reserved_name)
    return "its name is none; names are of a-z, 0-9, '_', '.' and '-', at most 64";
  const auto digest = readDigest(entry["sha256"].asString());
  if (!digest) return "sha256 must be 64 lowercase hexadecimal digits";
  record.sha256 = *digest;
  auto roles = readRoles(entry["roles"]);
  if (!roles) return "roles must be a list of viewer, client, operator and metrics";
  record.roles = std::move(*roles);
  record.created = parseTimestamp(entry["created"].asString()).value_or(Timestamp{});
  const Json* expires = entry.find("expires");
  if (!expires) return "expires is missing; null is never";
  if (expires->isNull()) return "";
  const auto time = parseTimestamp(expires->asString());
  if (!time || time->micros <= 0)
    return "expires must be a time like 2026-12-01T00:00:00Z, or null";
  record.expires = *time;
  return "";
}

Json toJson(const TokenRecord& record) {
  Json roles = Json::array();
  for (const Role role : record.roles) roles.push(roleName(role));
  return Json::object(
      {{"name", record.name},
       {"sha256", toHex(record.sha256)},
       {"roles", std::move(roles)},
       {"created", formatTimestamp(record.created)},
       {"expires", record.expires.micros == 0 ? Json() : Json(formatTimestamp(record.expires))}});
}

/// One line a record, for people and for diff.
std::string toText(const Records& records) {
  std::string out = "{\"version\":1,\"tokens\":[";
  for (std::size_t i = 0; i < records.size(); ++i)
    out += (i == 0 ? "\n" : ",\n") + toJson(records[i]).dump();
  return out + "\n]}\n";
}

auto named(std::string_view name) {
  return [name](const TokenRecord& record) { return record.name == name; };
}

/// Held while the file is read, changed and replaced.
Result<UniqueFd> lockFolderOf(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  UniqueFd fd(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (fd && flock(fd.get(), LOCK_EX) != 0)
    if (errno != EINTR) fd.reset();
  if (!fd)
    return fail(ErrorClass::config,
                "folder " + folder.string() + " of the tokens file: " + std::strerror(errno));
  return fd;
}

Status changeTokens(const std::filesystem::path& file, bool may_be_new,
                    const std::function<Status(Records&)>& change) {
  const auto lock = lockFolderOf(file);
  if (!lock) return tl::unexpected<Error>(lock.error());
  Records records;
  std::error_code error;
  if (!may_be_new || std::filesystem::symlink_status(file, error).type() !=
                         std::filesystem::file_type::not_found) {
    auto read = readTokenFile(file);
    if (!read) return tl::unexpected<Error>(read.error());
    records = std::move(*read);
  }
  if (Status changed = change(records); !changed) return changed;
  return writeDurably(file, toText(records), 0600);
}

}  // namespace

bool looksLikeToken(std::string_view text) {
  return text.starts_with(prefix);
}

Result<Records> readTokenFile(const std::filesystem::path& file) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorClass::config, "tokens file " + file.string() + ": " + why);
  };
  const auto text = readPrivateFile(file, "tokens file", max_file_bytes);
  if (!text) {
    std::error_code error;
    if (std::filesystem::exists(file, error) || error) return tl::unexpected<Error>(text.error());
    return refuse("is missing; scanhostctl token create --file " + file.string() + " makes it");
  }
  const auto document = Json::tryParse(*text);
  if (!document || (*document)["version"].asInteger() != 1 || !(*document)["tokens"].isArray())
    return refuse("is no tokens file of version 1; scanhostctl token writes it");
  Records records;
  for (const Json& entry : (*document)["tokens"].items()) {
    TokenRecord record;
    if (const std::string fault = readRecord(entry, record); !fault.empty())
      return refuse("token " + std::to_string(records.size() + 1) + ": " + fault);
    if (std::any_of(records.begin(), records.end(), named(record.name)))
      return refuse("two tokens are named " + record.name);
    records.push_back(std::move(record));
  }
  if (records.size() > max_tokens)
    return refuse("holds more than " + std::to_string(max_tokens) + " tokens");
  return records;
}

Result<std::string> createToken(const std::filesystem::path& file, const NewToken& wanted) {
  if (!isName(wanted.name) || wanted.name == reserved_name)
    return fail(ErrorClass::config,
                quotedForMessage(wanted.name) +
                    " is no name for a token; use a-z, 0-9, '_', '.' and '-', at most 64");
  if (wanted.roles.empty()) return fail(ErrorClass::config, "a token needs at least one role");
  std::array<std::uint8_t, secret_bytes> secret{};
  fillRandom(secret);
  std::string token = std::string(prefix) + encodeBase64Url(secret);
  OPENSSL_cleanse(secret.data(), secret.size());

  const Status changed = changeTokens(file, true, [&](Records& records) -> Status {
    if (std::any_of(records.begin(), records.end(), named(wanted.name)))
      return fail(ErrorClass::config, "there is a token named " + wanted.name +
                                          " already; revoke it first, or choose another name");
    if (records.size() >= max_tokens)
      return fail(ErrorClass::config, file.string() + " holds " + std::to_string(max_tokens) +
                                          " tokens, the most there may be; revoke some");
    TokenRecord record{wanted.name, sha256(token), wanted.roles, Timestamp::now(), {}};
    if (wanted.lifetime)
      record.expires.micros =
          record.created.micros + std::chrono::microseconds(*wanted.lifetime).count();
    records.push_back(std::move(record));
    return {};
  });
  if (!changed) return tl::unexpected<Error>(changed.error());
  return token;
}

Status revokeToken(const std::filesystem::path& file, std::string_view name) {
  return changeTokens(file, false, [&](Records& records) -> Status {
    if (std::erase_if(records, named(name)) > 0) return {};
    std::vector<std::string> known;
    for (const TokenRecord& record : records) known.push_back(record.name);
    return fail(ErrorClass::config,
                file.string() + " has no token named " + quotedForMessage(name) +
                    (known.empty() ? "; it is empty" : "; known are " + joinNames(known)));
  });
}

}  // namespace scanhost
