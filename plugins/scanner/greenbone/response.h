// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The manager's answer to one command, and the reader of those that are small or lists.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/scanner/greenbone/path_reader.h"

namespace scanhost::greenbone {

/// What every answer begins with.
struct ResponseStatus {
  int code = 0;
  std::string text;  ///< in the manager's words
  std::string id;    ///< of what was made

  bool isGood() const { return code >= 200 && code < 300; }
};

/// Reads an answer, whose root is checked and whose status is kept.
class ResponseReader : public PathReader {
 public:
  ResponseReader(std::uint64_t most_bytes, std::size_t most_text)
      : PathReader(most_bytes, most_text) {}
  ~ResponseReader() override = default;

  const ResponseStatus& status() const { return status_; }

 protected:
  void onRoot(std::string_view name, const Attributes& attributes) final;
  void onOpen(std::string_view, const Attributes&) override {}
  void onValue(std::string_view, std::string, bool) override {}
  void onClose(std::string_view) override {}

 private:
  ResponseStatus status_;
};

/// Texts by path; those of attributes as "current_report/report@id".
using Fields = std::map<std::string, std::string, std::less<>>;

/// Reads a list of entities of one kind, one at a time, or the answer's own texts.
///
///     EntityReader reader("task", {"name", "status"}, [&](const Fields& task) { ... });
///     reader.fields()   // of the answer itself
class EntityReader : public ResponseReader {
 public:
  using Receiver = std::function<void(const Fields&)>;

  /// Keeps what is wanted and no more. `entity` empty: no list. Its own id is "@id".
  EntityReader(std::string entity, std::vector<std::string> wanted, Receiver receiver);
  /// Keeps those texts of an answer without a list.
  explicit EntityReader(std::vector<std::string> wanted)
      : EntityReader("", std::move(wanted), {}) {}

  const Fields& fields() const { return fields_; }

 private:
  void onOpen(std::string_view path, const Attributes& attributes) override;
  void onValue(std::string_view path, std::string text, bool cut) override;
  void onClose(std::string_view path) override;
  void keep(std::string_view path, std::string text);

  std::string entity_;
  std::vector<std::string> wanted_;
  Receiver receiver_;
  bool in_entity_ = false;
  Fields entity_fields_, fields_;
};

/// The text at `path`; empty when there is none.
const std::string& textAt(const Fields& fields, std::string_view path);

/// `text` as it stands in XML, in content and in attributes. What XML cannot hold becomes a space.
std::string escaped(std::string_view text);

}  // namespace scanhost::greenbone
