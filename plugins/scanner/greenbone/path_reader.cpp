// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/greenbone/path_reader.h"

#include <scanhost/error.h>

#include <algorithm>
#include <utility>

namespace scanhost::greenbone {
namespace {

constexpr std::size_t most_name = 256;  ///< bytes of one element's name

}  // namespace

PathReader::PathReader(std::uint64_t most_bytes, std::size_t most_text)
    : most_text_(most_text), xml_(*this, {64, 64, most_bytes, {}}) {}

void PathReader::feed(std::string_view xml) {
  try {
    xml_.feed(xml);
  } catch (const report_xml::XmlError& error) {
    throw PluginError(
        ErrorClass::transient,
        "xml_invalid: the manager's answer cannot be read: " + std::string(error.what()),
        ErrorSubject::backend);
  }
}

void PathReader::onStart(std::string_view name, const Attributes& attributes) {
  if (++depth_ == 1) return onRoot(name, attributes);
  tellText();
  if (depth_ > 2) path_ += '/';
  path_ += name.substr(0, most_name);
  onOpen(path_, attributes);
}

void PathReader::onText(std::string_view text) {
  if (text_.empty()) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return;
    text.remove_prefix(begin);
  }
  const std::size_t room = most_text_ - std::min(most_text_, text_.size());
  text_ += text.substr(0, room);
  cut_ = cut_ || text.size() > room;
}

void PathReader::tellText() {
  const std::size_t end = text_.find_last_not_of(" \t\r\n");
  std::string text = std::exchange(text_, {});
  const bool cut = std::exchange(cut_, false);
  if (end == std::string::npos) return;
  text.resize(end + 1);
  onValue(path_, std::move(text), cut);
}

void PathReader::onEnd(std::string_view) {
  tellText();
  if (--depth_ == 0) {
    done_ = true;
    return;
  }
  onClose(path_);
  const std::size_t parent = path_.rfind('/');
  path_.resize(parent == std::string::npos ? 0 : parent);
}

}  // namespace scanhost::greenbone
