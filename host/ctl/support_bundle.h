// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The documents of a support bundle, and the one door through which they leave: nothing gets
/// into the archive that has not been scrubbed.
///
/// Documents are kept as they came until all are gathered, for one may tell of a secret or a
/// target that an earlier one holds. One thread at a time.
#pragma once

#include <scanhost/json.h>

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "host/base/time.h"
#include "host/ctl/archive.h"
#include "host/ctl/scrubber.h"
#include "host/ctl/target_veil.h"

namespace scanhost::ctl {

/// What a document holds, which says what is left out of it.
enum class DocumentKind {
  service,        ///< the service and this machine: no targets that tasks told of
  scans,          ///< tasks and what happened to them: nothing that looks like a target either
  configuration,  ///< scrubbed by showConfiguration() already, where names say what a secret is
};

class SupportBundle {
 public:
  static constexpr std::size_t max_document_bytes = 4u << 20;
  static constexpr std::size_t max_bytes = 64u << 20;

  /// JSON, or text whose lines may be JSON. What is too large loses its end and says so.
  using Content = std::variant<Json, std::string>;
  void add(std::string name, std::string about, DocumentKind kind, Content content);
  /// Adds what `gather` answers, or why it could not be had: what it throws.
  void gather(const std::string& name, const std::string& about, DocumentKind kind,
              const std::function<Content()>& gather);
  void addMissing(std::string name, std::string about, std::string reason);

  Scrubber& secrets() { return secrets_; }
  TargetVeil& targets() { return targets_; }

  struct Listed {
    std::string name, about;
    std::string missing;  ///< why it could not be had; empty: it is there
  };
  struct Finished {
    std::vector<ArchiveEntry> entries;  ///< all under `folder`; the first is MANIFEST.txt
    std::vector<Listed> listed;
  };
  /// Scrubs all of it. `time` is that of the bundle.
  Finished finish(const std::string& folder, Timestamp time, bool with_targets) const;

 private:
  struct Document {
    std::string name, about;
    DocumentKind kind;
    Content content;
  };

  std::string cleanText(const std::string& text, DocumentKind kind, bool with_targets) const;
  std::string cleanJson(const Json& value, DocumentKind kind, bool with_targets) const;
  std::string clean(const Document& document, bool with_targets) const;

  std::vector<Document> documents_;
  std::vector<Listed> missing_;
  Scrubber secrets_;
  TargetVeil targets_;
};

}  // namespace scanhost::ctl
