// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Whom queue-redis trusts: logins, certificates, the durability of its server, and records.
#include <fstream>

#include "plugins/queue/redis/redis_fixture.h"

namespace scanhost::queue_redis {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing_support::RedisServer;

TEST(RedisLogin, AnAclUserNeedsNoMoreThanItsOwnKeysAndChannel) {
  RedisServer server;
  const std::string set = server.cli(
      {"ACL", "SETUSER", "scanhost", "on", ">canary-secret", "~{scanhost}:*", "~{scanhost}",
       "&{scanhost}:*", "+@read", "+@write", "+@scripting", "+@connection", "+@pubsub",
       "+@transaction", "+info", "+config|get", "+wait", "+role", "+time"});
  ASSERT_THAT(set, HasSubstr("OK"));
  server.cli({"ACL", "SETUSER", "default", "off"});
  Node node(
      settingsFor(server, Json::object({{"username", "scanhost"}, {"password", "canary-secret"}})));
  ASSERT_TRUE(node.started()) << node.started().error().message;
  EXPECT_TRUE(node->changes(0, {}, {}).has_value());
  EXPECT_TRUE(created(node, "t1"));
  const auto leased = node->lease(leaseRequest(), {});
  ASSERT_TRUE(leased) << leased.error().message;
  EXPECT_EQ(*node->finish(leased->at(0).lease(), {}, {}), QueueOutcome::done);
  EXPECT_TRUE(node->list({}, {}).has_value());
  EXPECT_TRUE(node->counts({}).has_value());
}

TEST(RedisLogin, ARefusedLoginSaysSoWithoutTheSecret) {
  RedisServer server({"--requirepass", "right"});
  for (const char* password : {"canary-secret", ""}) {
    Node node(settingsFor(server, Json::object({{"password", password}})));
    ASSERT_FALSE(node.started());
    EXPECT_EQ(node.started().error().subject, ErrorSubject::backend);
    EXPECT_THAT(node.started().error().message, HasSubstr("check username and password"));
    EXPECT_THAT(node.started().error().message, Not(HasSubstr("canary-secret")));
  }
}

class RedisTls : public testing::Test {
 protected:
  RedisTls() {
    const auto made = testing_support::run(
        {{"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
          "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key(), "-out",
          certificate()},
         {},
         {}});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    tls_port_ = testing_support::freePort();
    server_ = std::make_unique<RedisServer>(std::vector<std::string>{
        "--tls-port", std::to_string(tls_port_), "--tls-cert-file", certificate(), "--tls-key-file",
        key(), "--tls-ca-cert-file", certificate(), "--tls-auth-clients", "no"});
  }
  std::string key() const { return folder_.path() / "key.pem"; }
  std::string certificate() const { return folder_.path() / "certificate.pem"; }
  std::string fingerprint() const {
    const std::string said = testing_support::run({{"openssl", "x509", "-noout", "-fingerprint",
                                                    "-sha256", "-in", certificate()},
                                                   {},
                                                   {}})
                                 .out;
    return said.substr(said.find('=') + 1, 95);
  }
  Json settings(const Json& tls) const {
    return Json::object({{"url", "rediss://127.0.0.1:" + std::to_string(tls_port_)}, {"tls", tls}});
  }

 private:
  testing_support::Folder folder_;
  unsigned short tls_port_ = 0;
  std::unique_ptr<RedisServer> server_;
};

TEST_F(RedisTls, ACertificateIsTrustedByItsAuthorityOrItsFingerprint) {
  for (const Json& tls : {Json::object({{"ca_file", certificate()}}),
                          Json::object({{"pin_sha256", fingerprint()}})}) {
    Node node(settings(tls));
    ASSERT_TRUE(node.started()) << node.started().error().message;
    Submission large = submission("t" + std::to_string(tls.has("ca_file")));
    large.submission = std::string(1'000'000, 'x');
    ASSERT_TRUE(node->submit(large, {}));
    EXPECT_EQ(node->get(large.id, {})->value().submission.size(), 1'000'000u);
  }
}

TEST_F(RedisTls, AnUnknownCertificateIsRefusedWithItsFingerprint) {
  Node node(settings(Json::object()));
  ASSERT_FALSE(node.started());
  EXPECT_EQ(node.started().error().error_class, ErrorClass::config);
  EXPECT_THAT(node.started().error().message, HasSubstr("tls: {pin_sha256: "));
  Node wrong(settings(Json::object({{"pin_sha256", std::string(64, 'a')}})));
  EXPECT_FALSE(wrong.started());
}

TEST(RedisDurability, WhatTheServerMayLoseIsToldWithTheRemedy) {
  struct Wrong {
    std::vector<std::string> options;
    std::string said;
  };
  for (const Wrong& wrong : {Wrong{{"--appendonly", "no"}, "set appendonly yes"},
                             Wrong{{"--appendfsync", "everysec"}, "set appendfsync always"},
                             Wrong{{"--appendfsync", "always", "--maxmemory-policy", "allkeys-lru"},
                                   "set it to noeviction"}}) {
    RedisServer server(wrong.options);
    Node node(settingsFor(server));
    ASSERT_TRUE(node.started());
    EXPECT_FALSE(node->durability({})->survives_power);
    EXPECT_THAT(node->durability({})->detail, HasSubstr(wrong.said));
  }
}

TEST(RedisDurability, IsAskedOfTheServerAsItIsNow) {
  RedisServer server({"--appendfsync", "always"});
  Node node(settingsFor(server));
  EXPECT_TRUE(node->durability({})->survives_power);
  EXPECT_FALSE(node->durability({})->survives_machine);
  server.cli({"CONFIG", "SET", "appendfsync", "no"});
  EXPECT_THAT(node->durability({})->detail, HasSubstr("appendfsync is no"));
  EXPECT_FALSE(node->durability({})->survives_power);
}

class RedisRecords : public testing::Test {
 protected:
  std::string task(const std::string& id) const { return "{scanhost}:task:" + id; }

  RedisServer server_;
  Node node_{settingsFor(server_)};
};

TEST_F(RedisRecords, ADamagedRecordIsAnErrorThatNamesItAndHoldsUpNoOther) {
  for (const char* id : {"wrong-state", "wrong-type", "gone", "newer", "whole"})
    ASSERT_TRUE(created(node_, id));
  server_.cli({"HSET", task("wrong-state"), "state", "banana"});
  server_.cli({"DEL", task("gone")});
  server_.cli({"SET", task("wrong-type"), "foreign"});
  server_.cli({"HSET", task("newer"), "version", "2"});

  for (const char* id : {"wrong-state", "wrong-type", "newer"}) {
    const auto found = node_->get(id, {});
    ASSERT_FALSE(found) << id;
    EXPECT_EQ(found.error().error_class, ErrorClass::internal);
    EXPECT_THAT(found.error().message, HasSubstr(id));
  }
  EXPECT_FALSE(node_->list({}, {}).has_value());
  const auto leased = node_->lease(leaseRequest(10), {});
  ASSERT_TRUE(leased) << leased.error().message;
  ASSERT_EQ(leased->size(), 1u);
  EXPECT_EQ(leased->at(0).id, "whole");
  EXPECT_THAT(node_->durability({})->detail, HasSubstr("4 damaged records"));
  EXPECT_THAT(server_.cli({"HGET", task("wrong-state"), "owner"}), HasSubstr("alice"));
}

TEST_F(RedisRecords, ARecordOfWhichANumberIsNoneIsSetAsideAndSpoilsNoGrant) {
  const std::vector<const char*> fields{"epoch",   "attempt", "launch", "takeovers", "flags",
                                        "started", "due",     "queued", "completed", "error_class"};
  for (const char* field : fields) {
    ASSERT_TRUE(created(node_, field));
    server_.cli({"HSET", task(field), field, "1e3"});
  }
  ASSERT_TRUE(created(node_, "whole"));

  const auto leased = node_->lease(leaseRequest(20), {});

  ASSERT_TRUE(leased) << leased.error().message;
  ASSERT_EQ(leased->size(), 1u);
  EXPECT_EQ(leased->at(0).id, "whole");
  EXPECT_THAT(node_->durability({})->detail,
              HasSubstr(std::to_string(fields.size()) + " damaged records"));
}

TEST_F(RedisRecords, OneDamagedLeaseKeepsNoOtherFromBeingRenewed) {
  ASSERT_TRUE(created(node_, "t1"));
  ASSERT_TRUE(created(node_, "t2"));
  const auto leased = node_->lease(leaseRequest(2), {});
  server_.cli({"HSET", task("t1"), "state", "banana"});
  const std::vector<Renewal> renewals{{leased->at(0).lease(), false, ""},
                                      {leased->at(1).lease(), false, ""}};
  const auto renewed = node_->renew(renewals, 1min, {});
  ASSERT_TRUE(renewed) << renewed.error().message;
  EXPECT_EQ(renewed->at(0).outcome, QueueOutcome::lease_lost);
  EXPECT_EQ(renewed->at(1).outcome, QueueOutcome::done);
}

TEST_F(RedisRecords, WhatANewerVersionAddedIsReadOverAndKept) {
  ASSERT_TRUE(created(node_, "t1"));
  server_.cli({"HSET", task("t1"), "version", "1.7", "colour", "green"});
  const auto leased = node_->lease(leaseRequest(), {});
  ASSERT_EQ(leased->size(), 1u);
  EXPECT_EQ(*node_->finish(leased->at(0).lease(), {}, {}), QueueOutcome::done);
  EXPECT_THAT(server_.cli({"HGET", task("t1"), "colour"}), HasSubstr("green"));
  EXPECT_THAT(server_.cli({"HGET", task("t1"), "version"}), HasSubstr("1.7"));
}

TEST_F(RedisRecords, AStoreOfANewerVersionIsRefusedAndLeftAlone) {
  server_.cli({"HSET", "{scanhost}:store", "version", "2"});
  Node refused(settingsFor(server_));
  ASSERT_FALSE(refused.started());
  EXPECT_THAT(refused.started().error().message, HasSubstr("version '2'"));
  Node beside(settingsFor(server_, Json::object({{"prefix", "other"}})));
  EXPECT_TRUE(beside.started());
}

TEST_F(RedisRecords, TheIdOfARemovedTaskStaysTakenForDays) {
  ASSERT_TRUE(created(node_, "t1"));
  const auto leased = node_->lease(leaseRequest(), {});
  ASSERT_EQ(leased->size(), 1u);
  ASSERT_EQ(*node_->finish(leased->at(0).lease(), {}, {}), QueueOutcome::done);
  ASSERT_EQ(*node_->remove("t1", {}), QueueOutcome::done);
  EXPECT_EQ(node_->submit(submission("t1"), {})->outcome, QueueOutcome::id_taken);
  EXPECT_FALSE(node_->get("t1", {})->has_value());
  EXPECT_GT(std::stol(server_.cli({"TTL", "{scanhost}:gone:t1"})), 2 * 24 * 3600);
}

TEST_F(RedisRecords, EveryKeySharesOneHashTag) {
  ASSERT_TRUE(created(node_, "t1"));
  ASSERT_EQ(node_->lease(leaseRequest(), {})->size(), 1u);
  std::istringstream keys(server_.cli({"KEYS", "*"}));
  for (std::string key; std::getline(keys, key);)
    EXPECT_THAT(key, testing::StartsWith("{scanhost}:"));
}

}  // namespace
}  // namespace scanhost::queue_redis
