// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
/// Starts the real program and talks to it over real sockets.
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/StreamCopier.h>
#include <gmock/gmock.h>
#include <openssl/x509.h>
#include <scanhost/json.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#include "host/base/random.h"

namespace scanhost::simulator {
namespace {

using testing::HasSubstr;

/// The program as a child process; its output is read as far as it is needed.
class Program {
 public:
  explicit Program(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SCANHOST_BINARY_DIR "/bin/nessus-simulator");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    EXPECT_EQ(posix_spawn(&pid_, argv[0], &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
  }
  ~Program() {
    if (!exit_code_) end(SIGKILL);
    fclose(output_);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  std::string line() {
    std::string text;
    for (int c = 0; (c = fgetc(output_)) != EOF && c != '\n';) text += static_cast<char>(c);
    return text;
  }
  int end(int signal) {
    kill(pid_, signal);
    return wait();
  }
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return *exit_code_;
  }

 private:
  pid_t pid_ = -1;
  FILE* output_ = nullptr;
  std::optional<int> exit_code_;
};

struct Answered {
  int status = 0;
  std::string reason;
  std::string body;
  std::string server;
};

/// One simulator on a free port and one kept connection to it.
class EndToEnd : public testing::TestWithParam<bool> {
 protected:
  bool tls() const { return GetParam(); }

  void start(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"--listen",     "127.0.0.1:0", "--access-key",   "AK",
                                          "--secret-key", "SK",          "--scan-seconds", "1"};
    if (!tls()) arguments.emplace_back("--no-tls");
    arguments.insert(arguments.end(), more.begin(), more.end());
    program.emplace(arguments);
    EXPECT_EQ(program->line(),
              "nessus-simulator: a stand-in for tests, not Nessus; it scans nothing");
    announcement = program->line();
    const std::size_t colon = announcement.find("127.0.0.1:") + 10;
    port = static_cast<std::uint16_t>(std::stoi(announcement.substr(colon)));
    connect();
  }

  void connect() {
    if (tls()) {
      const Poco::Net::Context::Ptr context =
          new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, "", "", "",
                                 Poco::Net::Context::VERIFY_NONE, 9, false);
      session = std::make_unique<Poco::Net::HTTPSClientSession>("127.0.0.1", port, context);
    } else {
      session = std::make_unique<Poco::Net::HTTPClientSession>("127.0.0.1", port);
    }
    session->setKeepAlive(true);
    session->setTimeout(Poco::Timespan(20, 0));
  }

  Answered call(const std::string& method, const std::string& path, const std::string& body = {}) {
    Poco::Net::HTTPRequest request(method, path, Poco::Net::HTTPMessage::HTTP_1_1);
    request.set("X-ApiKeys", "accessKey=AK; secretKey=SK");
    request.setContentType("application/json");
    request.setContentLength(static_cast<std::streamsize>(body.size()));
    session->sendRequest(request) << body;
    Poco::Net::HTTPResponse response;
    std::string content;
    Poco::StreamCopier::copyToString(session->receiveResponse(response), content);
    return {response.getStatus(), response.getReason(), content, response.get("Server", "")};
  }
  Json get(const std::string& path) { return Json::parse(call("GET", path).body); }

  std::string makeScan(const std::string& name) {
    const Json body = Json::object(
        {{"uuid", "731a8e52-3ea6-a291-ec0a-d2ff0619c19d7bd788d6be818b65"},
         {"settings", Json::object({{"name", name}, {"text_targets", "10.0.0.0/30"}})}});
    const Json made = Json::parse(call("POST", "/scans", body.dump()).body);
    return "/scans/" + std::to_string(made["scan"]["id"].asInteger());
  }
  void waitUntilOver(const std::string& scan) {
    for (int i = 0; i < 200; ++i) {
      if (get(scan)["info"]["status"].asString() == "completed") return;
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    FAIL() << "the scan did not complete";
  }
  std::string exportOf(const std::string& scan) {
    const Json ordered = Json::parse(call("POST", scan + "/export", R"({"format":"nessus"})").body);
    const std::string file = scan + "/export/" + std::to_string(ordered["file"].asInteger());
    while (get(file + "/status")["status"].asString() != "ready")
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    return file + "/download";
  }

  std::optional<Program> program;
  std::string announcement;
  std::uint16_t port = 0;
  std::unique_ptr<Poco::Net::HTTPClientSession> session;
};

INSTANTIATE_TEST_SUITE_P(Transport, EndToEnd, testing::Bool(),
                         [](const auto& tls) { return tls.param ? "Tls" : "Plain"; });

TEST_P(EndToEnd, ScanRunsAndItsReportIsDownloaded) {
  start();
  const std::string scan = makeScan("whole [scanhost:t/1]");
  EXPECT_EQ(call("POST", scan + "/launch").status, 200);
  waitUntilOver(scan);
  const Answered report = call("GET", exportOf(scan));
  EXPECT_EQ(report.status, 200);
  EXPECT_EQ(report.server, "NessusWWW");
  EXPECT_THAT(report.body, HasSubstr("<ReportHost name=\"10.0.0.3\""));
  EXPECT_THAT(report.body, testing::EndsWith("</NessusClientData_v2>\n"));
  EXPECT_EQ(call("DELETE", scan).status, 200);
  const Answered gone = call("GET", scan);
  EXPECT_EQ(gone.status, 404);
  EXPECT_EQ(gone.reason, "File not found");
}

TEST_P(EndToEnd, SignalEndsItCleanlyEvenWithOpenConnections) {
  start();
  EXPECT_EQ(call("GET", "/server/status").status, 200);
  EXPECT_EQ(program->end(SIGTERM), 0);
}

TEST_P(EndToEnd, DroppedConnectionGivesNoAnswer) {
  start();
  call("POST", "/simulator/faults", R"([{"path":"/scans","fault":"drop_after"}])");
  EXPECT_THROW(makeScan("dropped"), Poco::Exception);
  connect();
  EXPECT_EQ(get("/scans")["scans"].items().at(0)["name"].asString(), "dropped");
}

TEST_P(EndToEnd, Broken412HasAHeadAndNoBody) {
  start();
  call("POST", "/simulator/faults", R"([{"path":"/scans","fault":"broken_412"}])");
  Poco::Net::HTTPRequest request("GET", "/scans", Poco::Net::HTTPMessage::HTTP_1_1);
  session->sendRequest(request);
  Poco::Net::HTTPResponse response;
  std::istream& in = session->receiveResponse(response);
  EXPECT_EQ(response.getStatus(), 412);
  EXPECT_EQ(response.getContentLength(), 32);
  std::string body;
  try {
    Poco::StreamCopier::copyToString(in, body);
  } catch (const Poco::Exception&) {
    // Over TLS the missing farewell may show as an error; either way no byte arrived.
  }
  EXPECT_EQ(body, "");
}

TEST_P(EndToEnd, CutFileLooksWholeToHttpAndIsNot) {
  start();
  const std::string scan = makeScan("cut");
  call("POST", scan + "/launch");
  waitUntilOver(scan);
  const std::string download = exportOf(scan);
  call("POST", "/simulator/faults", R"([{"path":".*/download","fault":"cut_file"}])");
  const std::string half = call("GET", download).body;
  const std::string whole = call("GET", download).body;
  EXPECT_EQ(half, whole.substr(0, whole.size() / 2));
}

TEST_P(EndToEnd, TruncatedDownloadEndsHalfWayWithTheConnection) {
  start();
  const std::string scan = makeScan("cut");
  call("POST", scan + "/launch");
  waitUntilOver(scan);
  const std::string download = exportOf(scan);
  const std::string whole = call("GET", download).body;
  call("POST", "/simulator/faults", R"([{"path":".*/download","fault":"truncate"}])");
  std::string half;
  try {
    half = call("GET", download).body;
  } catch (const Poco::Exception&) {
    // Over TLS the missing farewell may show as an error.
  }
  EXPECT_LE(half.size(), whole.size() / 2);
  connect();
  EXPECT_EQ(call("GET", download).body, whole);
}

TEST_P(EndToEnd, HugeReportIsStreamed) {
  start();
  const std::string scan = makeScan("big [huge:30]");
  call("POST", scan + "/launch");
  waitUntilOver(scan);
  EXPECT_GT(call("GET", exportOf(scan)).body.size(), 30u * 1024 * 1024);
}

TEST_P(EndToEnd, FaultFileIsObeyedFromTheStart) {
  const std::string file = testing::TempDir() + "faults-" + randomUuid() + ".json";
  std::ofstream(file) << R"([{"path":"/server/status","fault":"loading"}])";
  start({"--faults", file});
  EXPECT_EQ(call("GET", "/server/status").status, 503);
  EXPECT_EQ(call("GET", "/server/status").status, 200);
  unlink(file.c_str());
}

TEST_P(EndToEnd, CertificateIsTheOneAnnounced) {
  start();
  if (!tls()) {
    EXPECT_THAT(announcement, HasSubstr("http://"));
    return;
  }
  call("GET", "/server/status");
  auto& secure = dynamic_cast<Poco::Net::HTTPSClientSession&>(*session);
  std::array<std::uint8_t, 32> digest{};
  X509_digest(secure.serverCertificate().certificate(), EVP_sha256(), digest.data(), nullptr);
  EXPECT_THAT(announcement, HasSubstr("https://127.0.0.1:"));
  EXPECT_THAT(announcement, HasSubstr("fingerprint sha256:" + toHex(digest)));
  EXPECT_THAT(secure.serverCertificate().subjectName(), HasSubstr("Nessus Users United"));
}

TEST_P(EndToEnd, PlainHttpToATlsPortIsTold) {
  start();
  Poco::Net::HTTPClientSession plain("127.0.0.1", port);
  Poco::Net::HTTPRequest request("GET", "/server/status", Poco::Net::HTTPMessage::HTTP_1_1);
  plain.sendRequest(request);
  Poco::Net::HTTPResponse response;
  plain.receiveResponse(response);
  EXPECT_EQ(response.getStatus(), tls() ? 400 : 200);
}

TEST(CommandLine, BrokenFaultFileIsNamedAndExitsWithTwo) {
  const std::string file = testing::TempDir() + "faults-" + randomUuid() + ".json";
  std::ofstream(file) << R"([{"path":"/scans","fault":"status"}])";
  Program program(
      {"--listen", "127.0.0.1:0", "--access-key", "A", "--secret-key", "S", "--faults", file});
  program.line();
  const std::string complaint = program.line();
  EXPECT_THAT(complaint, HasSubstr(file));
  EXPECT_THAT(complaint, HasSubstr("fault rule 1"));
  EXPECT_EQ(program.wait(), 2);
  unlink(file.c_str());
}

TEST(CommandLine, MissingKeysAndBadAddressesExitWithTwo) {
  EXPECT_EQ(Program({"--listen", "127.0.0.1:0"}).wait(), 2);
  EXPECT_EQ(Program({"--listen", "nowhere", "--access-key", "A", "--secret-key", "S"}).wait(), 2);
  EXPECT_EQ(Program({"--help"}).wait(), 0);
}

}  // namespace
}  // namespace scanhost::simulator
