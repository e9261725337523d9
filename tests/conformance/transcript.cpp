// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/transcript.h"

#include <scanhost/json.h>
#include <scanhost/text.h>

#include <algorithm>

#include "host/base/result.h"

namespace scanhost::conformance {
namespace {

constexpr std::size_t most_texts = 100'000;
constexpr std::size_t most_misuses = 100;

bool isEventName(std::string_view name) {
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !name.empty() && small(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return small(c) || digit(c) || c == '_';
  });
}

}  // namespace

bool isUtf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const std::size_t length = byte < 0x80             ? 1
                               : (byte & 0xE0) == 0xC0 ? 2
                               : (byte & 0xF0) == 0xE0 ? 3
                               : (byte & 0xF8) == 0xF0 ? 4
                                                       : 0;
    if (length == 0 || i + length > text.size() || byte == 0xC0 || byte == 0xC1) return false;
    for (std::size_t k = 1; k < length; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80) return false;
    i += length;
  }
  return true;
}

std::string className(std::int32_t error_class) {
  if (error_class == SCANHOST_OK) return "success";
  if (error_class < SCANHOST_OK || error_class > SCANHOST_ERROR_TIMEOUT)
    return "class " + std::to_string(error_class);
  return errorClassName(static_cast<ErrorClass>(error_class));
}

void Transcript::note(const std::string& obligation, const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (misuses_.size() < most_misuses) misuses_.push_back({obligation, what});
}

void Transcript::noteText(std::string_view where, scanhost_text text) {
  if (!text.data && text.size > 0) {
    note("SH-P-04",
         std::string(where) + " has no data and " + std::to_string(text.size) + " bytes");
    return;
  }
  if (!isUtf8(toView(text))) note("SH-P-03", std::string(where) + " is no UTF-8");
  const std::lock_guard lock(mutex_);
  if (texts_.size() < most_texts) texts_.emplace_back(where, toString(text));
}

void Transcript::noteEvent(const scanhost_event* event) {
  if (!event || !SCANHOST_HAS(event, scanhost_event, fields))
    return note("SH-P-07", "an event's struct_size does not cover its fields");
  const std::string name = toString(event->event);
  noteText("the name of an event", event->event);
  noteText("the fields of event " + name, event->fields);
  if (!isEventName(name)) note("SH-P-17", "an event is named \"" + name + "\"");
  if (event->level < SCANHOST_LEVEL_DEBUG || event->level > SCANHOST_LEVEL_ERROR)
    note("SH-P-17", "event " + name + " has level " + std::to_string(event->level));
  if (event->fields.size > 0) {
    const auto fields = Json::tryParse(toView(event->fields));
    if (!fields || !fields->isObject())
      note("SH-P-17", "the fields of event " + name + " are no JSON object");
  }
  const std::lock_guard lock(mutex_);
  events_.push_back(name);
}

ToldError Transcript::noteError(const scanhost_error* error) {
  ToldError told;
  told.error_class = SCANHOST_ERROR_INTERNAL;
  if (!error || !SCANHOST_HAS(error, scanhost_error, message)) {
    note("SH-P-07", "an error's struct_size does not cover its message");
    return told;
  }
  noteText("the message of an error", error->message);
  told = {error->error_class, error->subject, error->retry_after_ns, toString(error->message)};
  if (told.error_class < SCANHOST_ERROR_TRANSIENT || told.error_class > SCANHOST_ERROR_TIMEOUT)
    note("SH-P-20", "an error has class " + std::to_string(told.error_class));
  if (told.subject < SCANHOST_SUBJECT_TASK || told.subject > SCANHOST_SUBJECT_TARGET)
    note("SH-P-21", "an error has subject " + std::to_string(told.subject));
  if (told.message.empty()) note("SH-P-22", "an error has no message");
  const std::lock_guard lock(mutex_);
  errors_.push_back(told);
  return told;
}

std::vector<std::string> Transcript::misuses(const std::vector<std::string>& obligations) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  for (const Misuse& misuse : misuses_)
    if (std::find(obligations.begin(), obligations.end(), misuse.obligation) != obligations.end() &&
        std::find(lines.begin(), lines.end(), misuse.what) == lines.end())
      lines.push_back(misuse.what);
  return lines;
}

std::vector<std::string> Transcript::placesOf(std::string_view secret) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> lines;
  for (const auto& [where, text] : texts_)
    if (text.find(secret) != std::string::npos &&
        std::find(lines.begin(), lines.end(), where) == lines.end())
      lines.push_back(where);
  return lines;
}

std::vector<ToldError> Transcript::errors() const {
  const std::lock_guard lock(mutex_);
  return errors_;
}

std::vector<std::string> Transcript::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

}  // namespace scanhost::conformance
