// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The same service over TLS: requests, streams, client certificates, and peers that misbehave.
#include "host/http/tls.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <mutex>
#include <thread>

#include "host/http/listener.h"
#include "host/http/test_client.h"

namespace scanhost::http {
namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

/// A self-signed certificate for localhost, and its key, in a folder of their own.
class TestCertificate {
 public:
  explicit TestCertificate(const std::string& name = "localhost")
      : folder_(std::filesystem::temp_directory_path() /
                ("scanhost_tls_test." + std::to_string(getpid()) + "." + name)) {
    std::filesystem::create_directories(folder_);
    EVP_PKEY* key_pair = EVP_EC_gen("P-256");
    X509* x509 = X509_new();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -60);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_set_pubkey(x509, key_pair);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    X509_sign(x509, key_pair, EVP_sha256());
    FILE* out = std::fopen(certificate().c_str(), "w");
    PEM_write_X509(out, x509);
    std::fclose(out);
    out = std::fopen(key().c_str(), "w");
    PEM_write_PrivateKey(out, key_pair, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    X509_free(x509);
    EVP_PKEY_free(key_pair);
  }
  ~TestCertificate() { std::filesystem::remove_all(folder_); }
  std::string certificate() const { return (folder_ / "certificate.pem").string(); }
  std::string key() const { return (folder_ / "key.pem").string(); }

 private:
  std::filesystem::path folder_;
};

/// A blocking TLS client.
class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, const TestCertificate* identity = nullptr,
                     int max_version = 0, const char* ciphers = nullptr)
      : socket_(port), context_(SSL_CTX_new(TLS_client_method())) {
    timeval patience{10, 0};
    setsockopt(socket_.fd(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (max_version) SSL_CTX_set_max_proto_version(context_, max_version);
    if (ciphers) SSL_CTX_set_cipher_list(context_, ciphers);
    if (identity) {
      SSL_CTX_use_certificate_file(context_, identity->certificate().c_str(), SSL_FILETYPE_PEM);
      SSL_CTX_use_PrivateKey_file(context_, identity->key().c_str(), SSL_FILETYPE_PEM);
    }
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, socket_.fd());
    connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  bool connected() const { return connected_; }
  std::string version() const { return SSL_get_version(ssl_); }
  void send(const std::string& bytes) {
    SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
  }
  std::string receive(std::string_view until) {
    std::string received;
    char buffer[16384];
    while (received.find(until) == std::string::npos) {
      const int count = SSL_read(ssl_, buffer, sizeof buffer);
      if (count <= 0) break;
      received.append(buffer, static_cast<std::size_t>(count));
    }
    return received;
  }
  std::string receiveAll() { return receive("\xFF never \xFF"); }
  void hangUp() { socket_.hangUp(); }

 private:
  TestClient socket_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
};

const std::string ask_echo =
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello";
const std::string ask_events = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Acts as nobody where the test is root's, who may read everything.
class Nobody {
 public:
  Nobody() { EXPECT_TRUE(was_ != 0 || seteuid(65534) == 0); }
  ~Nobody() { EXPECT_TRUE(was_ != 0 || seteuid(0) == 0); }

 private:
  const uid_t was_ = geteuid();
};

Result<CertificateLife> checked(const TlsOptions& tls) {
  ListenOptions options;
  options.tls = tls;
  return Listener(options).check();
}

struct Secured {
  explicit Secured(TlsOptions tls) : listener(optionsWith(std::move(tls))) {
    mount({{"POST"}, "/echo", "", [](Request& request, Response& response) {
             const auto body = request.readBody(1 << 20);
             if (body) response.send(200, {}, *body + (request.isSecure() ? " secure" : ""));
           }});
    mount({{"GET"}, "/me", "", [](Request& request, Response& response) {
             const auto certificate = request.clientCertificate();
             std::string names;
             for (const std::string& name :
                  certificate ? certificate->names : std::vector<std::string>{"nobody"})
               names += name + ";";
             if (certificate && certificate->not_after > Timestamp::now()) names += " in time";
             response.send(200, {}, names);
           }});
    mount({{"GET"}, "/big", "", [](Request&, Response& response) {
             response.send(200, {}, std::string(8 << 20, 'x'));
           }});
    mount({{"GET"}, "/events", "", [this](Request&, Response& response) {
             auto opened = response.stream(200, {});
             if (!opened) return;
             (*opened)->onClose([this](StreamEnd why) {
               const std::lock_guard lock(mutex);
               ended.push_back(why);
             });
             const std::lock_guard lock(mutex);
             streams.push_back(*opened);
           }});
  }
  static ListenOptions optionsWith(TlsOptions tls) {
    ListenOptions options;
    options.listen = "127.0.0.1:0";
    options.tls = std::move(tls);
    options.threads = 2;
    options.timeouts.head = 500ms;
    options.timeouts.send = 700ms;
    options.timeouts.linger = 300ms;
    return options;
  }
  void mount(Route route) {
    auto mounted = listener.route(std::move(route));
    ASSERT_TRUE(mounted);
    routes.push_back(std::move(*mounted));
  }
  template <class Condition>
  bool eventually(Condition condition) {
    for (const auto start = Steady::now(); Steady::now() - start < 5s;
         std::this_thread::sleep_for(1ms)) {
      const std::lock_guard lock(mutex);
      if (condition()) return true;
    }
    return false;
  }

  std::mutex mutex;
  std::vector<std::shared_ptr<Stream>> streams;
  std::vector<StreamEnd> ended;
  Listener listener;
  std::vector<RouteHandle> routes;
};

TEST(Tls, RequestsAndKeepAlive) {
  const TestCertificate own;
  Secured secured({own.certificate(), own.key(), {}});
  ASSERT_TRUE(secured.listener.start());
  TlsClient client(secured.listener.port());
  ASSERT_TRUE(client.connected());
  for (int i = 0; i < 3; ++i) {
    client.send(ask_echo);
    EXPECT_EQ(bodyOf(client.receive("secure")), "hello secure");
  }
  client.send(ask_echo + ask_echo);
  EXPECT_TRUE(has(client.receive("secure"), "secure"));
}

TEST(Tls, ALargeAnswerReachesASlowReader) {
  const TestCertificate own;
  Secured secured({own.certificate(), own.key(), {}});
  ASSERT_TRUE(secured.listener.start());
  TlsClient client(secured.listener.port());
  client.send("GET /big HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  std::this_thread::sleep_for(200ms);
  EXPECT_EQ(bodyOf(client.receiveAll()).size(), 8u << 20);
}

TEST(Tls, StreamsDeliverAndNoticeThePeersEnd) {
  const TestCertificate own;
  Secured secured({own.certificate(), own.key(), {}});
  ASSERT_TRUE(secured.listener.start());
  TlsClient client(secured.listener.port());
  client.send(ask_events);
  ASSERT_TRUE(secured.eventually([&] { return secured.streams.size() == 1; }));
  EXPECT_TRUE(secured.streams[0]->write("data: 1\n\n"));
  EXPECT_TRUE(has(client.receive("data: 1"), "chunked"));
  std::thread writer([&] {
    for (int i = 0; i < 500; ++i) {
      secured.streams[0]->waitForRoom(5'000, 5s);
      secured.streams[0]->write(std::string(5'000, 'x'));
    }
    secured.streams[0]->write("the end");
  });
  EXPECT_GT(client.receive("the end").size(), 2'500'000u);
  writer.join();
  client.hangUp();
  EXPECT_TRUE(
      secured.eventually([&] { return secured.ended == std::vector<StreamEnd>{StreamEnd::peer}; }));
}

TEST(Tls, CloseEndsAStreamInOrder) {
  const TestCertificate own;
  Secured secured({own.certificate(), own.key(), {}});
  ASSERT_TRUE(secured.listener.start());
  TlsClient client(secured.listener.port());
  client.send(ask_events);
  ASSERT_TRUE(secured.eventually([&] { return secured.streams.size() == 1; }));
  secured.streams[0]->close();
  EXPECT_TRUE(has(client.receiveAll(), "\r\n0\r\n\r\n"));
}

TEST(Tls, PeersThatDoNotShakeHandsAreClosed) {
  const TestCertificate own;
  Secured secured({own.certificate(), own.key(), {}});
  ASSERT_TRUE(secured.listener.start());
  TestClient silent(secured.listener.port());
  TestClient plain(secured.listener.port());
  plain.send(ask_events);
  plain.receiveAll(3s);
  silent.receiveAll(3s);
  EXPECT_TRUE(plain.closed());
  EXPECT_TRUE(silent.closed());
  TlsClient old(secured.listener.port(), nullptr, TLS1_1_VERSION);
  EXPECT_FALSE(old.connected());
}

TEST(Tls, ClientCertificateIsDemandedWhereConfigured) {
  const TestCertificate own, client_identity("client"), stranger("stranger");
  Secured secured({own.certificate(), own.key(), client_identity.certificate()});
  ASSERT_TRUE(secured.listener.start());
  const auto served = [&](const TestCertificate* identity) {
    TlsClient client(secured.listener.port(), identity);
    client.send(ask_echo);
    return has(client.receive("secure"), "hello secure");
  };
  EXPECT_TRUE(served(&client_identity));
  EXPECT_FALSE(served(nullptr));
  EXPECT_FALSE(served(&stranger));
}

TEST(Tls, AHandlerSeesTheNamesInTheClientsCertificate) {
  const TestCertificate own, client_identity("client");
  const std::string ask = "GET /me HTTP/1.1\r\nHost: localhost\r\n\r\n";
  Secured demanding({own.certificate(), own.key(), client_identity.certificate()});
  ASSERT_TRUE(demanding.listener.start());
  TlsClient known(demanding.listener.port(), &client_identity);
  known.send(ask);
  EXPECT_EQ(bodyOf(known.receive("in time")), "CN:client; in time");
  Secured asking_nobody({own.certificate(), own.key(), {}});
  ASSERT_TRUE(asking_nobody.listener.start());
  TlsClient unasked(asking_nobody.listener.port(), &client_identity);
  unasked.send(ask);
  EXPECT_EQ(bodyOf(unasked.receive("nobody;")), "nobody;");
}

TEST(Tls, NewestVersionIsPreferredAndOnlyAuthenticatedCiphersAreSpoken) {
  const TestCertificate own;
  Secured secured({own.certificate(), own.key(), {}});
  ASSERT_TRUE(secured.listener.start());
  const std::uint16_t port = secured.listener.port();
  EXPECT_EQ(TlsClient(port).version(), "TLSv1.3");
  EXPECT_TRUE(TlsClient(port, nullptr, TLS1_2_VERSION, "ECDHE+AESGCM").connected());
  EXPECT_TRUE(TlsClient(port, nullptr, TLS1_2_VERSION, "ECDHE+CHACHA20").connected());
  for (const char* ciphers :
       {"ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256",
        "DHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-CCM8"})
    EXPECT_FALSE(TlsClient(port, nullptr, TLS1_2_VERSION, ciphers).connected()) << ciphers;
}

TEST(Tls, BadFilesAreNamedAndReloadKeepsTheOld) {
  const TestCertificate own, other("other");
  Listener missing(Secured::optionsWith({"/nonexistent.pem", own.key(), {}}));
  const Status started = missing.start();
  ASSERT_FALSE(started);
  EXPECT_TRUE(has(started.error().message, "/nonexistent.pem"));
  EXPECT_FALSE(Listener(Secured::optionsWith({own.certificate(), other.key(), {}})).start());

  Secured secured({own.certificate(), own.key(), {}});
  ASSERT_TRUE(secured.listener.start());
  EXPECT_GT(secured.listener.certificate().ends, Timestamp::now());
  EXPECT_LT(secured.listener.certificate().begins, Timestamp::now());
  EXPECT_TRUE(secured.listener.reloadTls());
  std::filesystem::copy_file(other.key(), own.key(),
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_FALSE(secured.listener.reloadTls());
  TlsClient client(secured.listener.port());
  client.send(ask_echo);
  EXPECT_TRUE(has(client.receive("secure"), "hello secure"));
}

TEST(Tls, ACheckSaysWhatAStartWould) {
  const TestCertificate own, other("other");
  const auto good = checked({own.certificate(), own.key(), {}});
  ASSERT_TRUE(good);
  EXPECT_GT(good->ends, Timestamp::now());
  for (const TlsOptions& bad : {TlsOptions{"/nonexistent.pem", own.key(), {}},
                                TlsOptions{own.certificate(), other.key(), {}},
                                TlsOptions{own.certificate(), own.key(), "/nonexistent.pem"}}) {
    const auto refused = checked(bad);
    const Status started = Listener(Secured::optionsWith(bad)).start();
    ASSERT_FALSE(refused || started);
    EXPECT_EQ(refused.error().message, started.error().message);
  }
}

TEST(Tls, AFileThatThisUserMayNotReadIsToldFromOneThatIsWrong) {
  const TestCertificate own;
  std::filesystem::permissions(own.key(), std::filesystem::perms::none);
  const Nobody nobody;
  const auto refused = checked({own.certificate(), own.key(), {}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "http.tls: key " + own.key() +
                " may not be read by this user, so it is not checked; the service's user must be "
                "able to read it");
}

}  // namespace
}  // namespace scanhost::http
