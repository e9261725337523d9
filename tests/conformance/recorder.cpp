// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/recorder.h"

#include <openssl/ssl.h>
#include <signal.h>
#include <strings.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>

#include "host/abi/program.h"
#include "plugins/shared/tls/server_trust.h"
#include "tests/conformance/check_call.h"
#include "tests/conformance/check_case.h"
#include "tests/conformance/loopback_server.h"
#include "tests/conformance/scan_job.h"

namespace scanhost::conformance {
namespace {

constexpr int backend_timeout_s = 120;

int complain(const std::string& message) {
  std::fprintf(stderr, "scanhost-plugin record: %s\n", message.c_str());
  return 2;
}

/// Appends lines to a file that only its owner reads.
class RecordingFile {
 public:
  explicit RecordingFile(const std::string& file) {
    umask(077);
    const bool is_new = !std::ifstream(file).good();
    out_.open(file, std::ios::binary | std::ios::app);
    if (is_new) add(headerLine());
  }
  bool good() const { return out_.good(); }
  void add(const std::string& line) {
    const std::lock_guard lock(mutex_);
    out_ << line << "\n" << std::flush;
  }

 private:
  std::mutex mutex_;
  std::ofstream out_;
};

bool isHopHeader(const std::string& name) {
  for (const char* hop : {"connection", "transfer-encoding", "keep-alive", "host", "content-length",
                          "accept-encoding", "expect"})
    if (strcasecmp(name.c_str(), hop) == 0) return true;
  return false;
}

/// Asks the real backend, over a connection of its own for each request.
class Upstream {
 public:
  /// Throws ChannelError for what is no URL of a host, PluginError for authorities it cannot read.
  Upstream(const std::string& url, const tls::Trust& trust) : url_(url), trust_(trust, readUrl()) {
    if (!is_tls_) return;
    context_.reset(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_2_VERSION);
    trust_.installIn(context_.get());
  }

  RecordedExchange ask(const HttpMessage& message) {
    RecordedExchange exchange;
    exchange.method = message.method;
    exchange.path = message.path;
    exchange.request_body = message.body;
    std::string bytes =
        message.method + " " + message.path + " HTTP/1.1\r\nHost: " + host_ + ":" + port_ +
        "\r\nConnection: close\r\nContent-Length: " + std::to_string(message.body.size()) + "\r\n";
    for (const auto& [name, value] : message.headers) {
      if (isHopHeader(name)) continue;
      bytes += name + ": " + value + "\r\n";
      exchange.request_headers.emplace_back(name, value);
    }
    const auto channel = Channel::connected(host_, port_, context_.get(), backend_timeout_s);
    const auto begun = std::chrono::steady_clock::now();
    channel->write(bytes + "\r\n" + message.body);
    HttpMessage response;
    if (!MessageReader(*channel).readResponse(message.method, response))
      throw ChannelError(url_ + " gave no whole answer");
    exchange.delay_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::steady_clock::now() - begun)
                            .count();
    exchange.status = response.status;
    for (const auto& [name, value] : response.headers)
      if (!isHopHeader(name)) exchange.response_headers.emplace_back(name, value);
    exchange.response_body = std::move(response.body);
    return exchange;
  }

  std::string refusal() const { return trust_.refused() ? trust_.refusal(url_) : std::string(); }

 private:
  /// Finds host and port; the host.
  std::string readUrl() {
    std::string rest = url_;
    is_tls_ = rest.rfind("https://", 0) == 0;
    if (!is_tls_ && rest.rfind("http://", 0) != 0)
      throw ChannelError("--to \"" + url_ + "\" must begin with https:// or http://");
    rest.erase(0, is_tls_ ? 8 : 7);
    rest = rest.substr(0, rest.find('/'));
    const std::size_t bracket = rest.find(']');
    const std::size_t colon = rest.find(':', bracket == std::string::npos ? 0 : bracket);
    host_ = rest.substr(0, colon);
    if (bracket != std::string::npos) host_ = rest.substr(1, bracket - 1);
    port_ = colon == std::string::npos ? (is_tls_ ? "443" : "80") : rest.substr(colon + 1);
    if (host_.empty()) throw ChannelError("--to \"" + url_ + "\" names no host");
    return host_;
  }

  struct FreeContext {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  const std::string url_;
  std::string host_, port_;
  bool is_tls_ = false;
  tls::ServerTrust trust_;
  std::unique_ptr<SSL_CTX, FreeContext> context_;
};

/// One exchange at a time: the order of a recording is the order of its play.
class Recorder {
 public:
  Recorder(const RecordOptions& options, RecordingFile& file)
      : upstream_(options.backend, options.trust), file_(file) {}

  RawReply pass(const HttpMessage& message) {
    const std::lock_guard lock(mutex_);
    try {
      const RecordedExchange exchange = upstream_.ask(message);
      const RecordedExchange written = redactor_.redacted(exchange);
      file_.add(exchangeLine(written));
      std::fprintf(stderr, "%s %s %d\n", written.method.c_str(), written.path.c_str(),
                   written.status);
      return {replyBytes(exchange.status, exchange.response_headers, exchange.response_body), false,
              0, 0};
    } catch (const ChannelError& error) {
      const std::string refusal = upstream_.refusal();
      std::fprintf(stderr, "scanhost-plugin record: the backend cannot be asked: %s\n",
                   refusal.empty() ? error.what() : refusal.c_str());
      return {replyBytes(502, {}, "{\"error\": \"the backend cannot be asked\"}"), false, 0, 0};
    }
  }

 private:
  std::mutex mutex_;
  Upstream upstream_;
  Redactor redactor_;
  RecordingFile& file_;
};

int recordProgram(const RecordOptions& options, RecordingFile& file) {
  RecordedRun run;
  run.program = options.program.front();
  run.arguments = {options.program.begin() + 1, options.program.end()};
  ChildProgram program;
  program.program = run.program;
  program.arguments = run.arguments;
  program.environment = {{"PATH", "/usr/bin:/bin"}, {"LC_ALL", "C"}};
  program.output = [&](std::string_view chunk) {
    run.output += chunk;
    return SCANHOST_OK;
  };
  program.error_output = [&](std::string_view chunk) {
    run.error_output += chunk;
    return SCANHOST_OK;
  };
  Transcript transcript;
  const CheckCall call(transcript, {.timeout = std::chrono::hours(24)});
  const auto ended = runChildProgram(program, call.abi());
  if (!ended) return complain(ended.error().message);
  run.exit_code = ended->exit_code;
  run.signal = ended->signal;
  file.add(runLine(run));
  std::fprintf(stderr, "%s: exit code %d, %zu bytes\n", run.program.c_str(), run.exit_code,
               run.output.size());
  return 0;
}

/// A launch, and what a host asks after it, so that every case finds its answers.
int lead(const RecordOptions& options, const LoopbackServer& server) {
  const auto inspection = inspectPlugin(options.plugin);
  if (!inspection) return complain(inspection.error());
  SubjectOptions subject_options;
  subject_options.file = options.plugin;
  subject_options.settings = Json::parse(options.settings);
  Subject subject(std::move(subject_options), *inspection);
  if (!subject.provides(SCANHOST_SCANNER_REMOTE_ID))
    return complain(options.plugin + " is no remote scanner");
  subject.useBackend(server.url(), server.fingerprint());
  CheckHost host;
  Instance instance(subject, host, SCANHOST_SCANNER_REMOTE_ID);
  instance.work();
  exercise(instance);
  ScanJob job(instance, std::chrono::minutes(10));
  ScanSink sink(host.transcript(), {});
  std::vector<ToldState> states;
  const std::string remedy = "see to it that the backend lets the plugin scan 127.0.0.1";
  mustDo(job.prepare(), remedy);
  mustDo(job.find(states), remedy);
  mustDo(job.start(), remedy);
  mustDo(job.follow(std::chrono::seconds(1), 24 * 3600), remedy);
  mustDo(job.find(states), remedy);
  job.start();
  mustDo(job.collect(sink), remedy);
  for (const char* function : {"pause", "resume", "stop", "remove", "remove"})
    job.control(function);
  std::fprintf(stderr, "recorded a launch with %zu findings\n", sink.findings());
  return 0;
}

}  // namespace

int record(const RecordOptions& options) {
  RecordingFile file(options.file);
  if (!file.good()) return complain(options.file + " cannot be written");
  if (!options.program.empty()) return recordProgram(options, file);
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  signal(SIGPIPE, SIG_IGN);
  try {
    Recorder recorder(options, file);
    const LoopbackServer server(options.listen, !options.plain,
                                [&](const HttpMessage& message) { return recorder.pass(message); });
    std::printf("recording %s at %s%s%s\n", options.backend.c_str(), server.url().c_str(),
                server.fingerprint().empty() ? "" : ", certificate ", server.fingerprint().c_str());
    std::fflush(stdout);
    if (!options.plugin.empty()) return lead(options, server);
    int signal_number = 0;
    sigwait(&ends, &signal_number);
  } catch (const Breach& breach) {
    return complain(std::string(breach.found()) + "; " + breach.remedy());
  } catch (const std::exception& error) {
    return complain(error.what());
  }
  return 0;
}

}  // namespace scanhost::conformance
