// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/ctl/support_bundle.h"

#include <sstream>

#include "host/ctl/exit_code.h"

namespace scanhost::ctl {
namespace {

/// Ends at the end of a line, so that no half of a JSON object is read as text.
std::string cut(std::string text, std::size_t most) {
  if (text.size() <= most) return text;
  const std::size_t line = text.rfind('\n', most - 1);
  text.resize(line == std::string::npos ? 0 : line + 1);
  return text + "[the rest was left out, for it is too large]\n";
}

std::string withEnd(std::string text) {
  if (!text.empty() && text.back() != '\n') text += '\n';
  return text;
}

std::string manifestOf(const std::vector<SupportBundle::Listed>& listed, Timestamp time,
                       bool with_targets, std::size_t secrets) {
  std::string text = "scanhost support bundle of " + formatTimestamp(time) + ", scanhostctl " +
                     SCANHOST_VERSION + "\n\nWhat is here:\n";
  for (const auto& entry : listed)
    if (entry.missing.empty()) text += "  " + entry.name + "  " + entry.about + "\n";
  text += "\nWhat could not be had:\n";
  const std::size_t before = text.size();
  for (const auto& entry : listed)
    if (!entry.missing.empty())
      text += "  " + entry.name + "  " + entry.about + ": " + entry.missing + "\n";
  if (text.size() == before) text += "  nothing\n";
  text += "\nWhat was left out on purpose:\n  secrets: [redacted]; " + std::to_string(secrets) +
          " texts were looked for by their value, others by name and form\n"
          "  what the audit ledger holds\n";
  if (!with_targets)
    text +=
        "  targets and names of tasks, addresses in what tells of scans, policy.targets: [left "
        "out],\n  [address]; --with-targets takes them along\n";
  return text;
}

}  // namespace

void SupportBundle::add(std::string name, std::string about, DocumentKind kind, Content content) {
  documents_.push_back({std::move(name), std::move(about), kind, std::move(content)});
}

void SupportBundle::gather(const std::string& name, const std::string& about, DocumentKind kind,
                           const std::function<Content()>& gather) {
  try {
    add(name, about, kind, gather());
  } catch (const std::exception& error) {
    addMissing(name, about, outcomeOf(error).message);
  }
}

void SupportBundle::addMissing(std::string name, std::string about, std::string reason) {
  missing_.push_back({std::move(name), std::move(about), std::move(reason)});
}

std::string SupportBundle::cleanText(const std::string& text, DocumentKind kind,
                                     bool with_targets) const {
  std::string clean = secrets_.scrub(text);
  if (with_targets) return clean;
  return kind == DocumentKind::scans ? targets_.veil(std::move(clean))
                                     : targets_.withoutKnown(std::move(clean));
}

std::string SupportBundle::cleanJson(const Json& value, DocumentKind kind,
                                     bool with_targets) const {
  if (kind == DocumentKind::configuration) return secrets_.withoutKnown(value.dump());
  const Json clean = secrets_.scrub(value);
  if (with_targets) return clean.dump();
  return (kind == DocumentKind::scans ? targets_.veil(clean) : targets_.withoutKnown(clean)).dump();
}

std::string SupportBundle::clean(const Document& document, bool with_targets) const {
  if (const Json* value = std::get_if<Json>(&document.content))
    return cleanJson(*value, document.kind, with_targets) + "\n";
  const std::string& text = std::get<std::string>(document.content);
  std::string lines, plain;  // what is no JSON is scrubbed together: a key has many lines
  std::istringstream in(text);
  const auto endPlain = [&] {
    lines += cleanText(plain, document.kind, with_targets);
    plain.clear();
  };
  for (std::string line; std::getline(in, line);) {
    const auto value = line.starts_with('{') ? Json::tryParse(line) : std::nullopt;
    if (!value) {
      plain += line + '\n';
      continue;
    }
    endPlain();
    lines += cleanJson(*value, document.kind, with_targets) + '\n';
  }
  endPlain();
  return lines;
}

SupportBundle::Finished SupportBundle::finish(const std::string& folder, Timestamp time,
                                              bool with_targets) const {
  Finished finished;
  finished.entries.emplace_back();
  std::size_t bytes = 0;
  for (const Document& document : documents_) {
    std::string text = withEnd(cut(clean(document, with_targets), max_document_bytes));
    if (bytes + text.size() > max_bytes) {
      finished.listed.push_back({document.name, document.about, "the bundle would be too large"});
      continue;
    }
    bytes += text.size();
    finished.listed.push_back({document.name, document.about, ""});
    finished.entries.push_back({folder + "/" + document.name, std::move(text)});
  }
  for (const Listed& missing : missing_)
    finished.listed.push_back({missing.name, missing.about,
                               cleanText(missing.missing, DocumentKind::service, with_targets)});
  finished.entries.front() = {folder + "/MANIFEST.txt",
                              manifestOf(finished.listed, time, with_targets, secrets_.known())};
  return finished;
}

}  // namespace scanhost::ctl
