// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/node.h"

#include <fstream>

namespace scanhost::faults {
namespace {

constexpr std::size_t arm_size = 64;

std::string withPort(std::string text, unsigned short port) {
  const std::string place = "%PORT%";
  for (std::size_t at; (at = text.find(place)) != std::string::npos;)
    text.replace(at, place.size(), std::to_string(port));
  return text;
}

}  // namespace

Node::Node(const NodeSettings& settings)
    : settings_(settings), to_queue_(settings.queue_port), to_scanner_(settings.scanner_port) {
  std::filesystem::create_directories(settings_.folder);
  std::ofstream(settings_.folder / "scanhost.yaml")
      << "node: {name: " << settings_.name << ", data_dir: " << settings_.data_dir.string()
      << ", drain: 5s, key_file: " << (settings_.folder.parent_path() / "keys.json").string()
      << "}\n"
      << "http: {listen: \"127.0.0.1:0\"}\n"
      << "queue: " << withPort(settings_.queue, to_queue_.port()) << "\n"
      << "results: {allow_local: true}\n"
      << "transports: [{plugin: transport-mcp}]\n"
      << "exporters: [{plugin: exporter-jsonlog, config: {output: file, file: {path: "
      << (settings_.folder / "events.jsonl").string() << "}}}]\n"
      << "scanners:\n  - " << withPort(settings_.scanner, to_scanner_.port()) << "\n"
      << "policy: {targets: {allow: [\"10.0.0.0/24\"]}}\n"
      << settings_.more;
  arm("", 0);
}

void Node::start() {
  url_.clear();
  process_ = std::make_unique<testing_support::ChildProcess>(testing_support::Command{
      {settings_.program, "--config", (settings_.folder / "scanhost.yaml").string()},
      {{"SCANHOST_FAULT_FILE", armFile().string()}, {"SCANHOST_FAULT_WITHOUT", settings_.without}},
      settings_.folder.string()});
}

std::optional<std::string> Node::url() {
  if (!running()) return std::nullopt;
  if (!url_.empty()) return url_;
  const std::string said = process_->err();
  const std::string ready = "is ready on ";
  const std::size_t at = said.find(ready);
  const std::size_t end = at == std::string::npos ? at : said.find('\n', at);
  if (end == std::string::npos) return std::nullopt;
  url_ = "http://" + said.substr(at + ready.size(), end - at - ready.size());
  return url_;
}

/// One write of one size, so that the node reads either the old text or the new.
void Node::arm(const std::string& point, int hits) {
  armed_ = point;
  std::string text = point.empty() ? "" : point + " " + std::to_string(hits);
  text.resize(arm_size, '\n');
  std::fstream file(armFile(), std::ios::in | std::ios::out | std::ios::binary);
  if (!file.is_open()) file.open(armFile(), std::ios::out | std::ios::binary);
  file.write(text.data(), static_cast<std::streamsize>(text.size()));
}

}  // namespace scanhost::faults
