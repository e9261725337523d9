// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/settings/setting_reader.h"

#include <scanhost/duration.h>
#include <scanhost/error.h>

#include <algorithm>

#include "plugins/shared/message/in_quotes.h"

namespace scanhost {
namespace {

template <class Value>
void addOnce(std::vector<Value>& values, Value value) {
  if (std::find(values.begin(), values.end(), value) == values.end())
    values.push_back(std::move(value));
}

}  // namespace

void SettingReader::refuse(std::string_view key, std::string_view found,
                           std::string_view right) const {
  throw PluginError(ErrorClass::config, plugin_ + ": " + std::string(key) + ": " + inQuotes(found) +
                                            " is not allowed; give " + std::string(right));
}

int SettingReader::number(const Json& value, std::string_view key, int least, int most) const {
  const std::int64_t number = value.asInteger(least - 1);
  if (number < least || number > most)
    refuse(key, value.dump(), std::to_string(least) + " to " + std::to_string(most));
  return static_cast<int>(number);
}

std::vector<std::uint16_t> SettingReader::ports(const Json& values, std::string_view key) const {
  std::vector<std::uint16_t> ports;
  for (const Json& value : values.items())
    addOnce(ports, static_cast<std::uint16_t>(number(value, key, 1, 65535)));
  return ports;
}

std::vector<std::string> SettingReader::words(const Json& values, std::string_view key,
                                              const std::vector<std::string_view>& known) const {
  std::vector<std::string> words;
  for (const Json& value : values.items()) {
    if (std::find(known.begin(), known.end(), value.asString()) == known.end()) {
      std::string right = "some of";
      for (const std::string_view word : known) right += " " + std::string(word);
      refuse(key, value.asString(), right);
    }
    addOnce(words, value.asString());
  }
  return words;
}

std::chrono::seconds SettingReader::time(const Json& value, std::string_view key,
                                         std::chrono::seconds most) const {
  const auto time = readDuration(value.asString());
  if (!time || *time < std::chrono::seconds(1) || *time > most)
    refuse(key, value.asString(),
           "a duration such as \"10s\", of at most " + std::to_string(most.count()) + "s");
  return std::chrono::ceil<std::chrono::seconds>(*time);
}

std::string SettingReader::absolutePath(const Json& value, std::string_view key,
                                        const std::string& fallback) const {
  std::string path = value.asString(fallback);
  if (path.empty() || path[0] != '/' || path.find('\0') != std::string::npos)
    refuse(key, path, "an absolute path");
  return path;
}

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += between;
    text += word;
  }
  return text;
}

}  // namespace scanhost
