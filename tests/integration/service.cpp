// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/integration/service.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/StreamCopier.h>
#include <signal.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace scanhost::integration {
namespace {

using testing_support::ChildProcess;
using testing_support::Command;
using testing_support::Finished;

std::string readFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

std::string built(const std::string& name) {
  return std::string(SCANHOST_BINARY_DIR) + "/" + name;
}

std::string nmapScanner(const std::string& ports) {
  return "  - {name: local, pool: nmap, plugin: scanner-nmap, max_concurrent_scans: 2, "
         "config: {service_detection: false, ports: \"" +
         ports + "\"}}\n";
}

std::string nessusScanner(const testing_support::NessusSimulator& nessus, const std::string& name,
                          int max_concurrent_scans) {
  return "  - {name: " + name + ", pool: nessus, plugin: scanner-nessus, max_concurrent_scans: " +
         std::to_string(max_concurrent_scans) + ", config: {url: \"" + nessus.url() +
         "\", access_key: " + nessus.access_key + ", secret_key: " + nessus.secret_key +
         ", tls: {pin_sha256: \"" + nessus.fingerprint() + "\"}}}\n";
}

Service::Service(const ServiceOptions& options) {
  const std::string folder = folder_.path().string();
  scheme_ = options.http.find("tls:") == std::string::npos ? "http://" : "https://";
  config_ = folder_.write(
      "scanhost.yaml",
      "node: {name: test, data_dir: " + folder + "/data" + options.node +
          "}\n"
          "http: {listen: \"127.0.0.1:0\"" +
          options.http +
          "}\n"
          "transports: [{plugin: transport-mcp, config: " +
          options.transport +
          "}]\n"
          "exporters:\n"
          "  - {plugin: exporter-prometheus}\n"
          "  - {plugin: exporter-jsonlog, config: {output: "
          "file, file: {path: " +
          folder + "/events.jsonl}}}\n" + options.exporters + "scanners:\n" + options.scanners +
          "policy:\n  targets: " + options.targets + "\n" +
          (options.extra.empty() ? "tasks: {poll_interval: 100ms}\n" : options.extra));
  if (options.before_start) options.before_start(folder_.path() / "data");
  start();
}

void Service::start() {
  process_.emplace(
      Command{{built("bin/scanhost"), "--config", config_.string()}, {}, folder_.path().string()});
  if (!process_->waitFor("is ready on ")) throw std::runtime_error(process_->err());
  while (process_->err().back() != '\n') process_->waitFor("\n");
  const std::string said = process_->err();
  const std::size_t at = said.find("is ready on ") + 12;
  url_ = scheme_ + said.substr(at, said.find('\n', at) - at);
}

std::uint16_t Service::port() const {
  return static_cast<std::uint16_t>(std::stoi(url_.substr(url_.rfind(':') + 1)));
}

client::Client Service::client() const {
  client::ClientOptions options;
  options.url = url_;
  return client::Client(options);
}

client::Client Service::operatorClient() const {
  client::ClientOptions options;
  options.url = "unix:" + socket();
  return client::Client(options);
}

Finished Service::runCtl(std::vector<std::string> words,
                         const std::vector<std::string>& more) const {
  words.insert(words.begin(), built("bin/scanhostctl"));
  words.insert(words.end(), more.begin(), more.end());
  return testing_support::run({std::move(words), {}, folder_.path().string()});
}

Finished Service::ctl(const std::vector<std::string>& words) const {
  return runCtl({"--url", url_}, words);
}

Finished Service::operatorCtl(const std::vector<std::string>& words) const {
  return runCtl({"--socket", socket()}, words);
}

Finished Service::example(const std::string& name, const std::string& argument) const {
  return testing_support::run(
      {{built("examples/" + name), argument}, {{"SCANHOST_URL", url_}}, {}});
}

std::string Service::allEvents() const {
  return readFile(folder_.path() / "events.jsonl");
}

std::vector<Json> Service::events(const std::string& name) const {
  std::vector<Json> found;
  std::istringstream lines(allEvents());
  for (std::string line; std::getline(lines, line);) {
    auto event = Json::tryParse(line);
    if (event && (*event)["event"].asString() == name) found.push_back(std::move(*event));
  }
  return found;
}

void Service::rewrite(const std::string& from, const std::string& to) const {
  std::string text = readFile(config_);
  std::size_t at = text.find(from);
  if (at == std::string::npos)
    throw std::runtime_error(from + " does not stand in the configuration");
  for (; at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
  folder_.write("scanhost.yaml", text);
}

std::string Service::get(const std::string& path) const {
  return httpGet(port(), path);
}

std::string httpGet(std::uint16_t port, const std::string& path) {
  Poco::Net::HTTPClientSession session("127.0.0.1", port);
  Poco::Net::HTTPRequest request("GET", path, Poco::Net::HTTPMessage::HTTP_1_1);
  session.sendRequest(request);
  Poco::Net::HTTPResponse response;
  std::string body;
  Poco::StreamCopier::copyToString(session.receiveResponse(response), body);
  return body;
}

std::optional<double> Service::metric(const std::string& series) const {
  std::istringstream lines(get("/metrics"));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(series + " ")) return std::stod(line.substr(series.size()));
  return std::nullopt;
}

std::size_t Service::peakMemory() const {
  std::istringstream status(readFile("/proc/" + std::to_string(pid()) + "/status"));
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) * 1024;
  throw std::runtime_error("no VmHWM");
}

int Service::stop() {
  process_->signal(SIGTERM);
  return process_->wait();
}

void Service::killAndRestart() {
  process_->signal(SIGKILL);
  process_->wait();
  start();
}

client::ResultsQuery allResults(const std::string& profile) {
  client::ResultsQuery query;
  query.schema_profile = profile;
  query.page = 0;
  return query;
}

client::ResultsQuery partialResults() {
  client::ResultsQuery query;
  query.partial = true;
  return query;
}

client::ScanStatus waitForEnd(client::Client& client, const std::string& task_id) {
  return client.wait_for_completion(
      task_id, {}, {.timeout = std::chrono::seconds(60), .poll = std::chrono::milliseconds(100)});
}

std::string remoteOf(client::Client& client, const std::string& task_id) {
  for (int i = 0; i < 1200; ++i) {
    const Json status = client.get_status(task_id).json;
    if (status["scanner_status"].asString() == "running") return status["remote_ref"].asString();
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
  throw std::runtime_error(task_id + " does not run");
}

}  // namespace scanhost::integration
