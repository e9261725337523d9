// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/prometheus/media_choice.h"

#include <algorithm>
#include <string>

namespace scanhost {
namespace {

/// Elements of a header are few; a longer one is no scraper's.
constexpr std::size_t max_accept_bytes = 4096;

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Cuts the text up to `separator` off its front.
std::string_view cutFront(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view front = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return trimmed(front);
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

/// "0.75" as thousandths; 0 for what is no weight.
int parseWeight(std::string_view text) {
  if (text.empty() || (text[0] != '0' && text[0] != '1')) return 0;
  int weight = (text[0] - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return 0;
  int unit = 100;
  for (const char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (c < '0' || c > '9' || unit == 0) return 0;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  return weight <= 1000 ? weight : 0;
}

struct MediaRange {
  std::string type;
  std::string version;
  int weight = 1000;
};

MediaRange parseRange(std::string_view element) {
  MediaRange range;
  range.type = lowered(cutFront(element, ';'));
  while (!element.empty()) {
    std::string_view parameter = cutFront(element, ';');
    const std::string name = lowered(cutFront(parameter, '='));
    std::string_view value = parameter;
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
      value = value.substr(1, value.size() - 2);
    if (name == "version") range.version = value;
    if (name == "q") range.weight = parseWeight(value);
  }
  return range;
}

/// The weight a header gives to one media type: the most specific range that fits it counts.
class Weight {
 public:
  Weight(std::string_view type, std::string_view version) : type_(type), version_(version) {}

  void consider(const MediaRange& range) {
    const int specificity = fit(range);
    if (specificity > specificity_ ||
        (specificity == specificity_ && specificity > 0 && range.weight > value_)) {
      specificity_ = specificity;
      value_ = range.weight;
    }
  }
  int value() const { return value_; }

 private:
  int fit(const MediaRange& range) const {
    if (range.type == "*/*") return 1;
    if (range.type == std::string(type_.substr(0, type_.find('/'))) + "/*") return 2;
    if (range.type != type_) return 0;
    if (range.version.empty()) return 3;
    return range.version == version_ ? 4 : 0;
  }

  std::string_view type_;
  std::string_view version_;
  int specificity_ = 0;
  int value_ = 0;
};

}  // namespace

ExpositionFormat chooseFormat(std::string_view accept) {
  if (accept.size() > max_accept_bytes) return ExpositionFormat::text;
  Weight text("text/plain", "0.0.4");
  Weight open_metrics("application/openmetrics-text", "1.0.0");
  while (!accept.empty()) {
    const MediaRange range = parseRange(cutFront(accept, ','));
    text.consider(range);
    open_metrics.consider(range);
  }
  return open_metrics.value() > text.value() ? ExpositionFormat::open_metrics
                                             : ExpositionFormat::text;
}

}  // namespace scanhost
