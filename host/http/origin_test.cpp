// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Which Host and Origin pass, on loopback and beyond; and whose X-Forwarded-For counts.
#include "host/http/origin.h"

#include <gtest/gtest.h>

#include "host/http/address.h"
#include "host/http/proxies.h"

namespace scanhost::http {
namespace {

using Verdict = OriginGuard::Verdict;

OriginGuard guardFor(ListenOptions options) {
  auto guard = OriginGuard::fromOptions(options);
  EXPECT_TRUE(guard);
  return *guard;
}

TEST(OriginGuard, LoopbackNamesPassWithAnyPort) {
  const auto guard = guardFor({});
  for (const char* host : {"localhost", "localhost:8835", "LOCALHOST:9999", "127.0.0.1:8835",
                           "[::1]:8835", "localhost."})
    EXPECT_EQ(guard.check(host, std::nullopt), Verdict::ok) << host;
}

TEST(OriginGuard, OtherNamesAreReboundOnesOnLoopback) {
  const auto guard = guardFor({});
  for (const char* host :
       {"", "evil.example.com", "evil.example.com:8835", "localhost.evil.example.com",
        "127.0.0.1.evil.example", "10.0.0.1", "localhost:port", "localhost:99999", "local host",
        "[::1", "a@localhost", "localhost/x"})
    EXPECT_EQ(guard.check(host, std::nullopt), Verdict::bad_host) << host;
}

TEST(OriginGuard, OriginMustBeThatOfTheHost) {
  const auto guard = guardFor({});
  EXPECT_EQ(guard.check("localhost:8835", "http://localhost:8835"), Verdict::ok);
  EXPECT_EQ(guard.check("localhost:9999", "http://localhost:9999"), Verdict::ok)
      << "a port mapping";
  EXPECT_EQ(guard.check("localhost:8835", "http://127.0.0.1:8835"), Verdict::ok);
  for (const char* origin : {"null", "", "http://evil.example.com", "http://localhost:3000",
                             "http://localhost:8835.evil.example",
                             "http://localhost:8835@evil.example", "file://localhost:8835",
                             "localhost:8835", "http://localhost:8835/path", "http://localhost"})
    EXPECT_EQ(guard.check("localhost:8835", origin), Verdict::bad_origin) << origin;
}

TEST(OriginGuard, PublicUrlNamesHostAndOrigin) {
  ListenOptions options;
  options.public_url = "https://Scan.example.org/prefix";
  options.allowed_origins = {"https://console.example.org:8443"};
  const auto guard = guardFor(options);
  EXPECT_EQ(guard.check("scan.example.org", "https://scan.example.org"), Verdict::ok);
  EXPECT_EQ(guard.check("scan.example.org", "https://console.example.org:8443"), Verdict::ok);
  EXPECT_EQ(guard.check("scan.example.org", "https://console.example.org"), Verdict::bad_origin);
  EXPECT_EQ(guard.check("scan.example.org", "http://scan.example.org:8080"), Verdict::bad_origin);
}

TEST(OriginGuard, APortMappingNeedsNoMoreThanTheNamesOfTheOutside) {
  ListenOptions options;
  options.listen = "0.0.0.0:8835";
  options.allowed_hosts = {"Scan.Example.org"};
  options.allowed_origins = {"https://console.example.org"};
  const auto guard = guardFor(options);
  EXPECT_EQ(guard.check("scan.example.org:18835", std::nullopt), Verdict::ok);
  EXPECT_EQ(guard.check("scan.example.org:18835", "http://scan.example.org:18835"), Verdict::ok);
  EXPECT_EQ(guard.check("scan.example.org:18835", "http://scan.example.org:8835"),
            Verdict::bad_origin);
  EXPECT_EQ(guard.check("scan.example.org", "https://console.example.org:443"), Verdict::ok);
  EXPECT_EQ(guard.check("scan.example.org", "http://console.example.org"), Verdict::bad_origin);
}

TEST(OriginGuard, NamesThatOnlyBeginOrEndLikeOursAreForeign) {
  ListenOptions options;
  options.public_url = "https://scan.example.org";
  const auto guard = guardFor(options);
  for (const char* host : {"scan.example.org.evil.example", "evilscan.example.org",
                           "evil.example/scan.example.org", "scan.example.org@evil.example"})
    EXPECT_EQ(guard.check(host, std::nullopt), Verdict::bad_host) << host;
  for (const char* origin :
       {"https://scan.example.org.evil.example", "https://evilscan.example.org",
        "https://scan.example.org:1", "https://scan.example.org, null"})
    EXPECT_EQ(guard.check("scan.example.org", origin), Verdict::bad_origin) << origin;
}

TEST(OriginGuard, AddressLiteralsPassWhereOthersMayReachUs) {
  ListenOptions options;
  options.listen = "0.0.0.0:8835";
  options.allowed_hosts = {"scanner.lan"};
  const auto guard = guardFor(options);
  EXPECT_EQ(guard.check("192.0.2.7:8835", std::nullopt), Verdict::ok);
  EXPECT_EQ(guard.check("[2001:db8::1]", std::nullopt), Verdict::ok);
  EXPECT_EQ(guard.check("scanner.lan", std::nullopt), Verdict::ok);
  EXPECT_EQ(guard.check("evil.example.com", std::nullopt), Verdict::bad_host);
}

TEST(OriginGuard, BadSettingsAreNamed) {
  ListenOptions options;
  options.public_url = "scan.example.org";
  EXPECT_NE(OriginGuard::fromOptions(options).error().message.find("public_url"),
            std::string::npos);
  options = {};
  options.allowed_origins = {"*"};
  EXPECT_FALSE(OriginGuard::fromOptions(options));
  options = {};
  options.allowed_hosts = {"a b"};
  EXPECT_FALSE(OriginGuard::fromOptions(options));
}

TEST(OriginGuard, LoopbackIsKnownByItsAddress) {
  for (const char* listen : {"127.0.0.1:1", "[::1]:1", "localhost:1", "127.8.8.8:1", "unix:/run/x"})
    EXPECT_TRUE(isLoopback(listen)) << listen;
  for (const char* listen : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.evil.example:1"})
    EXPECT_FALSE(isLoopback(listen)) << listen;
}

TEST(TrustedProxies, OnlyTheirWordCounts) {
  const auto proxies = TrustedProxies::parse({"10.0.0.0/8", "2001:db8::1"});
  ASSERT_TRUE(proxies);
  const Poco::Net::IPAddress proxy("10.1.2.3"), stranger("192.0.2.1");
  EXPECT_EQ(proxies->clientOf(stranger, "198.51.100.7"), "192.0.2.1");
  EXPECT_EQ(proxies->clientOf(proxy, "198.51.100.7"), "198.51.100.7");
  EXPECT_EQ(proxies->clientOf(proxy, "1.1.1.1, 198.51.100.7, 10.9.9.9"), "198.51.100.7");
  EXPECT_EQ(proxies->clientOf(proxy, "198.51.100.7, junk"), "10.1.2.3");
  EXPECT_EQ(proxies->clientOf(proxy, std::nullopt), "10.1.2.3");
}

TEST(TrustedProxies, WhatIsNoAddressEndsTheChain) {
  const auto proxies = TrustedProxies::parse({"127.0.0.0/8"});
  ASSERT_TRUE(proxies);
  const Poco::Net::IPAddress proxy("127.0.0.1");
  for (const char* forwarded : {"fe80::1%nowhere", "unknown", "1.2.3", "", ",", "10.0.0.1:80"})
    EXPECT_EQ(proxies->clientOf(proxy, forwarded), "127.0.0.1") << forwarded;
  EXPECT_EQ(proxies->clientOf(proxy, "::f"), "::f");
}

TEST(TrustedProxies, BadNetworksAreNamed) {
  for (const char* text : {"", "10.0.0.0/33", "10.0.0.0/x", "example.org", "10.0.0.0/-1"})
    EXPECT_FALSE(TrustedProxies::parse({text})) << text;
  EXPECT_EQ(unmapped(Poco::Net::IPAddress("::ffff:10.0.0.1")).toString(), "10.0.0.1");
}

}  // namespace
}  // namespace scanhost::http
