// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Over https the service proves who it is, or no token is sent.
#include <gtest/gtest.h>
#include <scanhost/client/client.h>
#include <unistd.h>

#include <filesystem>

#include "sdk/client/testing/fake_mcp_server.h"

namespace scanhost::client {
namespace {

class TlsTest : public ::testing::Test {
 protected:
  TlsTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("scanhost-tls-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~TlsTest() override { std::filesystem::remove_all(folder_); }

  static Client client(const testing::FakeMcpServer& server, const std::string& ca_file) {
    ClientOptions options;
    options.url = server.url();
    options.token = "token";
    options.ca_file = ca_file;
    return Client(options);
  }

  std::filesystem::path folder_;
};

TEST_F(TlsTest, ServiceWithATrustedCertificateIsUsed) {
  const auto files = testing::writeCertificate(folder_, "IP:127.0.0.1");
  testing::FakeMcpServer server(files);
  Client client = this->client(server, files.certificate);
  client.ping();
  client.ping();
  EXPECT_EQ(server.count("ping"), 2);
}

TEST_F(TlsTest, UnknownAuthorityIsRefusedBeforeAnythingIsSent) {
  testing::FakeMcpServer server(testing::writeCertificate(folder_, "IP:127.0.0.1"));
  EXPECT_THROW(client(server, "").ping(), UnreachableError);
  EXPECT_EQ(server.count("initialize"), 0);
}

TEST_F(TlsTest, CertificateForAnotherHostIsRefused) {
  const auto files = testing::writeCertificate(folder_, "DNS:elsewhere.example");
  testing::FakeMcpServer server(files);
  EXPECT_THROW(client(server, files.certificate).ping(), UnreachableError);
  EXPECT_EQ(server.count("initialize"), 0);
}

TEST_F(TlsTest, AuthorityFileThatIsNotThereIsAnError) {
  const auto files = testing::writeCertificate(folder_, "IP:127.0.0.1");
  testing::FakeMcpServer server(files);
  EXPECT_THROW(client(server, folder_ / "missing.pem").ping(), ClientError);
}

}  // namespace
}  // namespace scanhost::client
