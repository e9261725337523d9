// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Text across the boundary: views of what is borrowed, and arrays that lend what C++ owns.
#ifndef SCANHOST_TEXT_H
#define SCANHOST_TEXT_H

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "abi/error.h"

namespace scanhost {
inline namespace v1 {

inline std::string_view toView(scanhost_text text) noexcept {
  return text.data ? std::string_view(text.data, static_cast<std::size_t>(text.size))
                   : std::string_view();
}
inline std::string toString(scanhost_text text) { return std::string(toView(text)); }
/// Lends `text`, which must outlive the use.
inline scanhost_text toText(std::string_view text) noexcept { return {text.data(), text.size()}; }

inline std::vector<std::string> toStrings(scanhost_texts texts) {
  std::vector<std::string> out;
  out.reserve(static_cast<std::size_t>(texts.count));
  for (uint64_t i = 0; i < texts.count; ++i) out.push_back(toString(texts.items[i]));
  return out;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

inline Pairs toPairs(scanhost_pairs pairs) {
  Pairs out;
  out.reserve(static_cast<std::size_t>(pairs.count));
  for (uint64_t i = 0; i < pairs.count; ++i)
    out.emplace_back(toString(pairs.items[i].name), toString(pairs.items[i].value));
  return out;
}

/// Lends a list of strings as scanhost_texts while both live.
class LentTexts {
 public:
  LentTexts() = default;
  explicit LentTexts(const std::vector<std::string>& strings) {
    items_.reserve(strings.size());
    for (const std::string& string : strings) items_.push_back(toText(string));
  }
  operator scanhost_texts() const noexcept { return {items_.data(), items_.size()}; }

 private:
  std::vector<scanhost_text> items_;
};

/// Lends a list of pairs as scanhost_pairs while both live.
class LentPairs {
 public:
  LentPairs() = default;
  explicit LentPairs(const Pairs& pairs) {
    items_.reserve(pairs.size());
    for (const auto& [name, value] : pairs) items_.push_back({toText(name), toText(value)});
  }
  operator scanhost_pairs() const noexcept { return {items_.data(), items_.size()}; }

 private:
  std::vector<scanhost_pair> items_;
};

/// Gathers what is written to a scanhost_text_sink, up to a bound.
class TextBuffer {
 public:
  explicit TextBuffer(std::size_t limit = 64u << 20) : limit_(limit) {}
  TextBuffer(const TextBuffer&) = delete;
  TextBuffer& operator=(const TextBuffer&) = delete;

  const scanhost_text_sink* sink() noexcept { return &sink_; }
  std::string take() { return std::move(text_); }

 private:
  static scanhost_status write(void* context, scanhost_text chunk) noexcept {
    auto& self = *static_cast<TextBuffer*>(context);
    if (chunk.size > self.limit_ - self.text_.size()) return SCANHOST_ERROR_UNSUPPORTED;
    try {
      self.text_.append(toView(chunk));
    } catch (...) {
      return SCANHOST_ERROR_INTERNAL;
    }
    return SCANHOST_OK;
  }

  std::size_t limit_;
  std::string text_;
  scanhost_text_sink sink_{sizeof(scanhost_text_sink), 0, this, &write};
};

/// Writes all of `text` to a sink; its answer is the sink's.
inline scanhost_status writeText(const scanhost_text_sink* sink, std::string_view text) noexcept {
  return sink->write(sink->context, toText(text));
}

}  // namespace v1
}  // namespace scanhost

#endif
