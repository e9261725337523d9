// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/faults/node.h"

#include <csignal>
#include <fstream>
#include <sstream>
#include <utility>

namespace scanhost::faults {
namespace {

constexpr std::size_t arm_size = 64;

std::string with(const std::string& place, const std::string& value, std::string text) {
  for (std::size_t at; (at = text.find(place)) != std::string::npos;)
    text.replace(at, place.size(), value);
  return text;
}
std::string withPort(std::string text, unsigned short port) {
  return with("%PORT%", std::to_string(port), std::move(text));
}

std::size_t countOf(const std::string& part, const std::string& text) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size())
    ++count;
  return count;
}

}  // namespace

Node::Node(const NodeSettings& settings)
    : settings_(settings), to_queue_(settings.queue_port), to_scanner_(settings.scanner_port) {
  std::filesystem::create_directories(settings_.folder);
  writeConfig();
  arm("", 0);
}

/// In one step, lest a reload read half of it.
void Node::writeConfig() const {
  std::ostringstream text;
  text << "node: {name: " << settings_.name << ", data_dir: " << settings_.data_dir.string()
       << ", drain: 5s, key_file: " << (settings_.folder.parent_path() / "keys.json").string()
       << "}\n"
       << "http: {listen: \"127.0.0.1:0\"}\n"
       << "queue: " << withPort(settings_.queue, to_queue_.port()) << "\n"
       << "results: {allow_local: true}\n"
       << "transports: [{plugin: transport-mcp}]\n"
       << "exporters: [{plugin: exporter-jsonlog, config: {output: file, file: {path: "
       << (settings_.folder / "events%SWAP%.jsonl").string() << "}}}]\n"
       << "scanners:\n  - " << withPort(settings_.scanner, to_scanner_.port()) << "\n"
       << "policy: {targets: {allow: [\"10.0.0.0/24\"]}}\n"
       << settings_.more;
  const auto beside = settings_.folder / "scanhost.yaml.new";
  std::ofstream(beside) << with("%SWAP%", std::to_string(swaps_ % 2), text.str());
  std::filesystem::rename(beside, settings_.folder / "scanhost.yaml");
}

void Node::swap() {
  ++swaps_;
  writeConfig();
  signal(SIGHUP);
}

int Node::reloads() const {
  return static_cast<int>(countOf("scanhost: reloaded: ", said()));
}

std::string Node::refusedReload() const {
  const std::string all = said();
  const std::size_t at = all.find("scanhost: not reloaded");
  return at == std::string::npos ? "" : all.substr(at, all.find('\n', at) - at);
}

std::vector<std::string> Node::events() const {
  std::vector<std::string> lines;
  for (const char* name : {"events0.jsonl", "events1.jsonl"}) {
    std::ifstream in(settings_.folder / name);
    for (std::string line; std::getline(in, line);) lines.push_back(std::move(line));
  }
  return lines;
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
