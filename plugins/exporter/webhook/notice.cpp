// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/webhook/notice.h"

#include <openssl/evp.h>
#include <scanhost/json.h>

#include <array>
#include <initializer_list>
#include <stdexcept>

namespace scanhost::webhook {
namespace {

constexpr std::size_t most_text = 1024;
constexpr std::size_t id_bytes = 16;

using Names = std::initializer_list<std::string_view>;

/// Cut between characters.
std::string bounded(const std::string& text) {
  if (text.size() <= most_text) return text;
  std::size_t end = most_text;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

/// Adds those members, null where the event lacks them; a list or an object is none of them.
void copy(const Json& event, Names names, Json& data) {
  for (const std::string_view name : names) {
    const Json& value = event[name];
    const bool is_plain = value.isBool() || value.isNumber();
    data[name] = value.isString() ? Json(bounded(value.asString())) : is_plain ? value : Json();
  }
}

struct Said {
  NoticeKind kind;
  std::string type;
  Json data = Json::object();
};

Said taskEnded(const Json& event, std::string_view status, Names more) {
  Said said{NoticeKind::task_ended, "task." + std::string(status)};
  copy(event, {"task_id", "trace_id"}, said.data);
  said.data["status"] = status;
  copy(event, {"scanner_pool", "scanner_instance"}, said.data);
  copy(event, more, said.data);
  return said;
}

std::optional<Said> sayOf(std::string_view name, const Json& event) {
  if (name == "scan_completed")
    return taskEnded(
        event, "completed",
        {"duration_seconds", "vulnerabilities_found", "hosts_scanned", "authentication_status"});
  if (name == "scan_failed") {
    const std::string& status = event["final_status"].asString();
    if (status != "failed" && status != "timeout") return std::nullopt;
    return taskEnded(event, status, {"error_type", "error_message", "attempt"});
  }
  if (name == "stale_task_timed_out") return taskEnded(event, "timeout", {"age_hours"});
  if (name == "scan_cancelled") return taskEnded(event, "cancelled", {});
  if (name == "scanner_state_changed" && event["state"].asString() == "suspended") {
    Said said{NoticeKind::scanner_suspended, "scanner.suspended"};
    copy(event, {"scanner_pool", "scanner_instance", "state", "reason"}, said.data);
    return said;
  }
  if (name == "policy_decision" && event["decision"].asString() == "deny") {
    Said said{NoticeKind::scope_refused, "scope.refused"};
    copy(event,
         {"task_id", "trace_id", "stage", "rule", "caller", "scanner_pool", "scanner_instance"},
         said.data);
    return said;
  }
  return std::nullopt;
}

bool mayMatter(std::string_view name) {
  constexpr std::array names = {"scan_completed", "scan_failed",     "stale_task_timed_out",
                                "scan_cancelled", "policy_decision", "scanner_state_changed"};
  for (const std::string_view known : names)
    if (name == known) return true;
  return false;
}

std::string idOf(std::string_view line) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  if (EVP_Digest(line.data(), line.size(), digest, &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL makes no SHA-256");
  static constexpr char digits[] = "0123456789abcdef";
  std::string id = "msg_";
  for (std::size_t i = 0; i < id_bytes; ++i) {
    id += digits[digest[i] >> 4];
    id += digits[digest[i] & 15];
  }
  return id;
}

}  // namespace

std::optional<Notice> noticeOf(std::string_view event, std::string_view line) {
  if (!mayMatter(event)) return std::nullopt;
  const auto document = Json::tryParse(line);
  if (!document) return std::nullopt;
  auto said = sayOf(event, *document);
  if (!said) return std::nullopt;
  const Json body = Json::object({{"type", said->type},
                                  {"timestamp", bounded((*document)["timestamp"].asString())},
                                  {"data", std::move(said->data)}});
  return Notice{idOf(line), said->kind, body.dump()};
}

}  // namespace scanhost::webhook
