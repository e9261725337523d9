// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Reads one document of the manager's as paths below its root ("task/name") and their texts, piece
/// by piece, trusting none of it.
///
/// Texts longer than the reader's bound are cut. For one thread at a time; for one document.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plugins/scanner/report_xml/xml_reader.h"

namespace scanhost::greenbone {

class PathReader : private report_xml::XmlHandler {
 public:
  using Attributes = report_xml::XmlAttributes;

  /// Of one document, and of one text in it.
  PathReader(std::uint64_t most_bytes, std::size_t most_text);

  /// Throws PluginError (transient, "xml_invalid: ...") when it is malformed or breaks a bound.
  void feed(std::string_view xml);
  /// The document is whole. More is not to be fed.
  bool isDone() const { return done_; }
  std::uint64_t bytesRead() const { return xml_.bytesRead(); }

 protected:
  ~PathReader() override = default;

  virtual void onRoot(std::string_view name, const Attributes& attributes) = 0;
  virtual void onOpen(std::string_view path, const Attributes& attributes) = 0;
  /// The text of an element up to its first child or its end, trimmed; not called when empty. `cut`
  /// when there was more.
  virtual void onValue(std::string_view path, std::string text, bool cut) = 0;
  virtual void onClose(std::string_view path) = 0;

 private:
  void onStart(std::string_view name, const Attributes& attributes) override;
  void onEnd(std::string_view name) override;
  void onText(std::string_view text) override;
  void tellText();

  std::size_t most_text_;
  report_xml::XmlReader xml_;
  std::string path_;
  std::size_t depth_ = 0;
  std::string text_;
  bool cut_ = false, done_ = false;
};

}  // namespace scanhost::greenbone
