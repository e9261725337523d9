// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/credentials.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "host/base/private_file.h"

namespace scanhost {
namespace {

constexpr std::string_view reference_prefix = "cred:";
constexpr std::string_view seal_purpose = "task-login";
constexpr std::string_view settings_purpose = "task-settings";

bool isCredentialName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

Pairs pairsOf(const Json& object) {
  Pairs pairs;
  for (const Json::Member& member : object.members())
    if (member.second.isString() && !member.second.asString().empty())
      pairs.emplace_back(member.first, member.second.asString());
  return pairs;
}

}  // namespace

Result<Pairs> Credentials::readNamed(std::string_view reference) const {
  const std::string_view name =
      reference.substr(std::min(reference_prefix.size(), reference.size()));
  if (reference.substr(0, reference_prefix.size()) != reference_prefix || !isCredentialName(name))
    return fail(ErrorClass::config, "a credential is named cred:<name>, of a-z, 0-9, - and _");
  auto text = readPrivateFile(folder_ / (std::string(name) + ".json"), "credential file");
  if (!text) return tl::unexpected<Error>(text.error());
  const auto document = Json::tryParse(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!document || (*document)["username"].asString().empty())
    return fail(ErrorClass::config,
                std::string(reference) + " must be a JSON object with at least a username");
  return pairsOf(*document);
}

Status Credentials::check(std::string_view reference) const {
  const auto pairs = readNamed(reference);
  if (!pairs) return tl::unexpected<Error>(pairs.error());
  return {};
}

std::string Credentials::seal(std::string_view task_id, const Pairs& fields) const {
  Json document = Json::object();
  for (const auto& [name, value] : fields) document[name] = value;
  std::string text = document.dump();
  std::string sealed = keys_.seal(seal_purpose, task_id, text);
  OPENSSL_cleanse(text.data(), text.size());
  return sealed;
}

std::string Credentials::sealSettings(std::string_view task_id, const Json& settings) const {
  return keys_.seal(settings_purpose, task_id, settings.dump());
}

Result<Json> Credentials::openSettings(std::string_view task_id, std::string_view sealed) const {
  const auto text = keys_.open(settings_purpose, task_id, sealed);
  if (!text) return tl::unexpected<Error>(text.error());
  auto settings = Json::tryParse(*text);
  if (!settings) return fail(ErrorClass::internal, "the sealed settings are no JSON");
  return std::move(*settings);
}

std::string Credentials::settingsDigest(const Json& settings) const {
  return keys_.digest("scanner-settings", settings.dump());
}

std::optional<std::string> Credentials::missingKey(const SubmissionDocument& submission) const {
  const bool has_login = submission.credential.empty() && !submission.sealed_login.empty();
  auto missing = has_login ? keys_.missingKey(submission.sealed_login) : std::nullopt;
  if (!missing && !submission.sealed_settings.empty())
    missing = keys_.missingKey(submission.sealed_settings);
  return missing;
}

Result<std::optional<Credential>> Credentials::forTask(std::string_view task_id,
                                                       const SubmissionDocument& submission) const {
  if (!submission.credential.empty()) {
    const auto pairs = readNamed(submission.credential);
    if (!pairs) return tl::unexpected<Error>(pairs.error());
    return std::optional<Credential>(Credential("ssh-password", *pairs));
  }
  if (submission.sealed_login.empty()) return std::optional<Credential>();
  auto text = keys_.open(seal_purpose, task_id, submission.sealed_login);
  if (!text) return tl::unexpected<Error>(text.error());
  const auto document = Json::tryParse(*text);
  OPENSSL_cleanse(text->data(), text->size());
  if (!document) return fail(ErrorClass::internal, "the sealed login is no JSON");
  return std::optional<Credential>(Credential("ssh-password", pairsOf(*document)));
}

}  // namespace scanhost
