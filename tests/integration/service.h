// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A running scanhost with a folder of its own, as a test's user would start it.
#pragma once

#include <scanhost/client/client.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/child_process.h"
#include "tests/support/folder.h"
#include "tests/support/nessus_simulator.h"

namespace scanhost::integration {

/// `build/<preset>/<name>`: "bin/scanhost", "examples/basic_usage".
std::string built(const std::string& name);

using testing_support::Folder;

/// The scanner entries that tests put under `scanners:`.
std::string nmapScanner(const std::string& ports);
std::string nessusScanner(const testing_support::NessusSimulator& nessus,
                          const std::string& name = "scanner1", int max_concurrent_scans = 4);

struct ServiceOptions {
  std::string scanners;    ///< YAML list entries
  std::string extra = {};  ///< further top-level YAML
  std::string node = {};   ///< further settings of `node:`, each after a comma
  std::string http = {};  ///< the same of `http:`; with `tls` in them the service is asked by https
  std::string targets = R"({allow: ["127.0.0.0/8", "10.0.0.0/24"]})";
  std::string transport = "{}";  ///< settings of transport-mcp, a YAML flow mapping
  std::string exporters = {};    ///< YAML list entries beside those that every test has
  /// Is given the data folder before the first start.
  std::function<void(const std::filesystem::path& data)> before_start = {};
};

/// The body of GET `path` from that port of loopback.
std::string httpGet(std::uint16_t port, const std::string& path);

class Service {
 public:
  /// Starts and waits until it is ready; throws std::runtime_error with what it said otherwise.
  explicit Service(const ServiceOptions& options);

  std::string url() const { return url_; }
  std::uint16_t port() const;
  client::Client client() const;
  /// The control socket, whose callers are operators.
  std::string socket() const { return (folder() / "data/control.sock").string(); }
  client::Client operatorClient() const;
  /// scanhostctl with these words, against this service.
  testing_support::Finished ctl(const std::vector<std::string>& words) const;
  /// The same over the control socket.
  testing_support::Finished operatorCtl(const std::vector<std::string>& words) const;
  /// A client example, with SCANHOST_URL set.
  testing_support::Finished example(const std::string& name, const std::string& argument) const;

  pid_t pid() const { return process_->pid(); }
  std::filesystem::path folder() const { return folder_.path(); }
  std::string log() const { return process_->err(); }
  /// The events of that name, oldest first.
  std::vector<Json> events(const std::string& name) const;
  std::string allEvents() const;
  /// Writes the configuration with `to` in place of `from`, wherever that stands; throws
  /// std::runtime_error when it stands nowhere. A reload reads it.
  void rewrite(const std::string& from, const std::string& to) const;
  void signal(int number) const { process_->signal(number); }
  /// The body of GET `path`.
  std::string get(const std::string& path) const;
  /// The value of that series in /metrics; nothing when there is none.
  std::optional<double> metric(const std::string& series) const;
  /// Most resident memory so far, bytes.
  std::size_t peakMemory() const;
  /// SIGTERM; the exit code.
  int stop();
  /// SIGKILL, then again on the same folder and another free port.
  void killAndRestart();

 private:
  void start();
  testing_support::Finished runCtl(std::vector<std::string> words,
                                   const std::vector<std::string>& more) const;

  Folder folder_;
  std::filesystem::path config_;
  std::string scheme_;
  std::optional<testing_support::ChildProcess> process_;
  std::string url_;
};

/// Everything in one answer.
client::ResultsQuery allResults(const std::string& profile = "brief");
/// The first page, of an unfinished or failed task too.
client::ResultsQuery partialResults();

/// Until the task is in a terminal state; asks ten times a second.
client::ScanStatus waitForEnd(client::Client& client, const std::string& task_id);

/// The scanner's reference of a scan, once its status says that it runs: by the next renewal of its
/// lease, which carries what polls told.
std::string remoteOf(client::Client& client, const std::string& task_id);

}  // namespace scanhost::integration
