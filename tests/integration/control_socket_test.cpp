// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Who is an operator: callers over the control socket, checked by the kernel's word on them, and
/// nobody over TCP while there is no authentication.
#include <gmock/gmock.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <set>

#include "tests/integration/service.h"

namespace scanhost::integration {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing_support::Finished;

constexpr uid_t nobody = 65534;
constexpr const char* operator_tools[] = {
    "list_dead_letters",  "redrive_task",    "purge_dead_letters", "reload",
    "list_audit_entries", "get_kill_switch", "set_kill_switch"};

class ControlSocket : public testing::Test {
 protected:
  Service service{{.scanners = nmapScanner("9")}};

  static std::set<std::string> toolsOf(client::Client client) {
    std::set<std::string> names;
    for (const Json& tool : client.list_tools()) names.insert(tool["name"].asString());
    return names;
  }
};

/// The HTTP status that another user gets on the socket; minus errno when it cannot connect.
int statusForOther(const std::string& path) {
  const pid_t child = fork();
  if (child == 0) {
    if (setgroups(0, nullptr) != 0 || setgid(nobody) != 0 || setuid(nobody) != 0) _exit(255);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      _exit(errno == EACCES ? 1 : 254);
    const std::string request =
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}";
    char answer[13] = {};
    if (write(fd, request.data(), request.size()) < 0 || read(fd, answer, 12) != 12) _exit(253);
    _exit(std::string(answer) == "HTTP/1.1 401" ? 2 : 252);
  }
  int state = 0;
  waitpid(child, &state, 0);
  switch (WEXITSTATUS(state)) {
    case 1: return -EACCES;
    case 2: return 401;
    default: return WEXITSTATUS(state);
  }
}

TEST_F(ControlSocket, OperatorToolsAreForItsCallersAlone) {
  const auto over_tcp = toolsOf(service.client());
  const auto over_socket = toolsOf(service.operatorClient());
  for (const char* tool : operator_tools) {
    EXPECT_THAT(over_tcp, Not(Contains(tool)));
    EXPECT_THAT(over_socket, Contains(tool));
  }
  EXPECT_THAT(over_tcp, Contains("pause_scan"));
}

TEST_F(ControlSocket, AClientOverTcpCannotCallOperatorTools) {
  client::Client client = service.client();
  for (const char* tool : operator_tools)
    EXPECT_THROW(client.call_tool(tool, Json::object({{"confirm", true}})), client::ProtocolError)
        << tool;
  const Finished listed = service.ctl({"dlq", "list"});
  EXPECT_EQ(listed.exit_code, 4);
  EXPECT_THAT(listed.err, HasSubstr("--socket"));
}

TEST_F(ControlSocket, AnOperatorSeesAndSteersTasksOfOthers) {
  const std::string task = service.client().submit_scan("127.0.0.1", "LAN").task_id;
  client::Client operator_client = service.operatorClient();
  EXPECT_EQ(operator_client.get_status(task).json["caller"].asString(), "anonymous");
  EXPECT_EQ(service.operatorCtl({"cancel", task}).exit_code, 0);
}

TEST_F(ControlSocket, ItServesTheOtherRoutesToo) {
  const Finished ended = service.operatorCtl({"doctor"});
  EXPECT_EQ(ended.exit_code, 0) << ended.out << ended.err;
  EXPECT_THAT(ended.out, AllOf(HasSubstr("health"), HasSubstr("queue")));
}

TEST_F(ControlSocket, OnlyItsOwnerMayOpenIt) {
  struct stat status {};
  ASSERT_EQ(stat(service.socket().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(ControlSocket, AnotherUserIsRefusedEvenWhereTheFileLetsHimIn) {
  if (geteuid() != 0) GTEST_SKIP() << "NOT TESTED: only root can act as another user";
  for (const auto& folder : {service.folder(), service.folder() / "data"})
    std::filesystem::permissions(folder, std::filesystem::perms(0755));
  EXPECT_EQ(statusForOther(service.socket()), -EACCES);
  std::filesystem::permissions(service.socket(), std::filesystem::perms(0666));
  EXPECT_EQ(statusForOther(service.socket()), 401);
  ASSERT_EQ(service.stop(), 0);
  EXPECT_THAT(service.allEvents(), HasSubstr("user 65534 is neither root nor the service's user"));
}

TEST_F(ControlSocket, ASocketLeftByAKilledNodeIsTakenOver) {
  service.killAndRestart();
  EXPECT_EQ(service.operatorCtl({"dlq", "list"}).exit_code, 0);
}

}  // namespace
}  // namespace scanhost::integration
