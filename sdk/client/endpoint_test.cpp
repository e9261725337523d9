// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/client/endpoint.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace scanhost::client {
namespace {

TEST(Endpoint, BaseAndFullUrlMeanTheSame) {
  for (const char* url : {"http://127.0.0.1:8835", "http://127.0.0.1:8835/",
                          "http://127.0.0.1:8835/mcp", "http://127.0.0.1:8835/mcp/"})
    EXPECT_EQ(parseEndpoint(url).url(), "http://127.0.0.1:8835/mcp") << url;
}

TEST(Endpoint, PrefixOfAProxyIsKept) {
  const Endpoint endpoint = parseEndpoint("https://scan.example/tools/mcp");
  EXPECT_EQ(endpoint.base_path, "/tools");
  EXPECT_EQ(endpoint.mcpPath(), "/tools/mcp");
  EXPECT_TRUE(endpoint.secure);
}

TEST(Endpoint, PortIsTheServicesOwnUnlessNamed) {
  EXPECT_EQ(parseEndpoint("http://scan.example").port, 8835);
  EXPECT_EQ(parseEndpoint("http://scan.example:").port, 8835);
  EXPECT_EQ(parseEndpoint("https://scan.example:443").port, 443);
  EXPECT_EQ(parseEndpoint("http://scan.example:80/mcp").port, 80);
  EXPECT_EQ(parseEndpoint("http://[::1]/mcp").port, 8835);
  EXPECT_EQ(parseEndpoint("http://[::1]:9000").url(), "http://[::1]:9000/mcp");
}

TEST(Endpoint, LoopbackIsRecognised) {
  EXPECT_TRUE(parseEndpoint("http://localhost:1").loopback);
  EXPECT_TRUE(parseEndpoint("http://127.0.0.9:1").loopback);
  EXPECT_TRUE(parseEndpoint("http://[::1]:1").loopback);
  EXPECT_FALSE(parseEndpoint("http://localhost.example:1").loopback);
}

TEST(Endpoint, WhatIsNoServiceUrlIsRefused) {
  for (const char* url : {"", "scan.example", "ftp://scan.example", "http://", "http://a b",
                          "http://user:pw@scan.example", "http://scan.example/mcp?token=x",
                          "http://scan.example:99999", "http://x\r\nHost: y"})
    EXPECT_THROW(parseEndpoint(url), std::invalid_argument) << url;
}

TEST(Endpoint, RefusalDoesNotRepeatAPassword) {
  try {
    parseEndpoint("http://user:hunter2@scan.example");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_EQ(std::string(error.what()).find("hunter2"), std::string::npos);
  }
}

TEST(Endpoint, ALocalSocketIsNamedByItsAbsolutePath) {
  const Endpoint endpoint = parseEndpoint("unix:/run/scanhost/control.sock");
  EXPECT_EQ(endpoint.socket_path, "/run/scanhost/control.sock");
  EXPECT_EQ(endpoint.url(), "unix:/run/scanhost/control.sock");
  EXPECT_TRUE(endpoint.loopback);
  for (const std::string& path :
       {std::string("unix:"), std::string("unix:control.sock"), "unix:/" + std::string(107, 'x')})
    EXPECT_THROW(parseEndpoint(path), std::invalid_argument) << path;
}

}  // namespace
}  // namespace scanhost::client
