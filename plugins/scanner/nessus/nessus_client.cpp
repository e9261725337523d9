// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/nessus/nessus_client.h"

#include <poll.h>
#include <scanhost/error.h>

#include <algorithm>
#include <random>
#include <utility>

#include "plugins/scanner/nessus/member_filter.h"
#include "plugins/shared/message/in_quotes.h"

namespace scanhost::nessus {
namespace {

using std::chrono::milliseconds;
using Stage = TransportError::Stage;

constexpr int most_tries = 3;
constexpr milliseconds first_backoff{250};
constexpr std::size_t most_body = 64u << 20;   ///< of a JSON answer or the script
constexpr std::uint64_t most_told = 1u << 30;  ///< of one that is thinned
constexpr std::size_t most_error_body = 64u << 10;
constexpr std::size_t most_idle = 4;
constexpr std::chrono::seconds idle_time{10};  ///< after which the server may have hung up

/// Full jitter: many nodes poll one scanner.
milliseconds backoff(int tries) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  const milliseconds most = first_backoff * (1 << tries);
  return milliseconds(std::uniform_int_distribution<std::int64_t>(1, most.count())(random));
}

bool mayPass(int status) {
  return status == 500 || (status > 501 && status < 600);
}

void wipe(std::string& text) {
  volatile char* bytes = text.data();  // volatile: a plain loop could be optimised away
  for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = 0;
  text.clear();
}

/// The request's body may hold passwords.
class WipedAfterUse {
 public:
  explicit WipedAfterUse(std::string& text) : text_(text) {}
  ~WipedAfterUse() { wipe(text_); }
  WipedAfterUse(const WipedAfterUse&) = delete;
  WipedAfterUse& operator=(const WipedAfterUse&) = delete;

 private:
  std::string& text_;
};

[[noreturn]] void unreachable(const std::string& message) {
  throw PluginError(ErrorClass::transient, message, ErrorSubject::backend);
}

bool isUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

/// A session token goes into a header: what could end it is refused.
bool isToken(const std::string& text) {
  const auto plain = [](char c) { return c > ' ' && c < 0x7F && c != ';'; };
  return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), plain);
}

}  // namespace

std::string apiTokenIn(std::string_view script) {
  static constexpr std::string_view name = "getApiToken";
  for (std::size_t at = script.find(name); at != std::string_view::npos;
       at = script.find(name, at + 1)) {
    const std::string_view near = script.substr(at + name.size(), 100);
    const std::size_t returned = near.find("return");
    if (returned == std::string_view::npos) continue;
    const std::size_t quote = near.find_first_of("\"'", returned);
    if (quote != std::string_view::npos && isUuid(near.substr(quote + 1, 36)))
      return std::string(near.substr(quote + 1, 36));
  }
  return {};
}

void NessusClient::wait(milliseconds time, Call& call) {
  const auto until = std::chrono::steady_clock::now() + time;
  for (;;) {
    call.check();
    const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return;
    pollfd cancelled{call.cancelFd(), POLLIN, 0};  // a negative descriptor is skipped
    poll(&cancelled, 1, static_cast<int>(std::min(left, milliseconds(500)).count()));
  }
}

Json NessusClient::get(const std::string& path, std::string_view what, Call& call) {
  std::optional<Json> document = find(path, what, call);
  if (!document) refuse({404, {}, {}}, what);
  return std::move(*document);
}

std::optional<Json> NessusClient::find(const std::string& path, std::string_view what, Call& call,
                                       const Members& members) {
  const Answer answer = getRepeatedly(path, Login::needed, members, call);
  if (answer.status == 404) return std::nullopt;
  if (!answer.isGood()) refuse(answer, what);
  std::string why;
  std::optional<Json> document = Json::tryParse(answer.body, {}, &why);
  if (!document) unreachable(config_.url() + ": " + std::string(what) + " is no JSON: " + why);
  return document;
}

Answer NessusClient::getOpen(const std::string& path, Call& call) {
  return getRepeatedly(path, Login::none, {}, call);
}

Answer NessusClient::getRepeatedly(const std::string& path, Login login, const Members& members,
                                   Call& call) {
  for (int tries = 1;; ++tries) {
    try {
      HttpRequest request{"GET", path, {}, {}};
      Answer answer = login == Login::needed
                          ? authenticated(std::move(request), {.members = members}, call)
                          : exchange(request, {}, call);
      if (!mayPass(answer.status) || tries == most_tries) return answer;
    } catch (const Unanswered& error) {
      throw ServerHangs(error.what());
    } catch (const TransportError& error) {
      if (tries == most_tries) unreachable(error.what());
    }
    wait(backoff(tries), call);
  }
}

Answer NessusClient::send(const std::string& method, const std::string& path, const Json& body,
                          Call& call) {
  HttpRequest request{method, path, {}, {}};
  if (!body.isNull()) {
    request.headers.emplace_back("Content-Type", "application/json");
    request.body = body.dump();
  }
  try {
    return authenticated(std::move(request), {}, call);
  } catch (const TransportError& error) {
    if (error.stage() == Stage::connecting) unreachable(error.what());
    throw LostReply(error.what());
  }
}

Answer NessusClient::download(const std::string& path, const PieceReceiver& receiver, Call& call) {
  const Connection::Receiver take = [&](const HttpHead& head, std::string_view piece) {
    if (head.status >= 200 && head.status < 300) receiver(piece);
  };
  try {
    return authenticated({"GET", path, {}, {}}, {.receiver = &take}, call);
  } catch (const Unanswered& error) {
    throw ServerHangs(error.what());
  }
}

Answer NessusClient::authenticated(HttpRequest request, const Taking& taking, Call& call) {
  const WipedAfterUse wiped(request.body);
  const Headers own = request.headers;
  for (bool again = false;; again = true) {
    const Headers login = loginHeaders(call);
    request.headers = own;
    request.headers.insert(request.headers.end(), login.begin(), login.end());
    Answer answer = exchange(request, taking, call);
    const bool stale = config_.ui_session && (answer.status == 401 || answer.status == 412);
    if (!stale || again) return answer;
    const std::lock_guard lock(mutex_);
    (answer.status == 401 ? session_ : api_token_).clear();
  }
}

Answer NessusClient::exchange(const HttpRequest& request, const Taking& taking, Call& call) {
  Answer answer;
  MemberFilter filter(taking.members);
  std::uint64_t told = 0;
  const Connection::Receiver gather = [&](const HttpHead& head, std::string_view piece) {
    const bool thin = head.status < 300 && !taking.members.empty();
    const std::size_t most = head.status < 300 ? most_body : most_error_body;
    thin ? filter.feed(piece, answer.body) : void(answer.body.append(piece));
    told += piece.size();
    if (answer.body.size() > most || told > most_told)
      throw PluginError(ErrorClass::internal,
                        config_.url() + " answers " + request.method + " " + request.path +
                            " with more than " +
                            std::to_string(told > most_told ? most_told : most) + " bytes",
                        ErrorSubject::backend);
  };
  auto connection = takeConnection(request.method == "GET" && !taking.receiver);
  const HttpHead head =
      connection->exchange(request, taking.receiver ? *taking.receiver : gather, call);
  answer.status = head.status;
  answer.retry_after = head.retry_after;
  if (connection->reusable()) giveBack(std::move(connection));
  return answer;
}

NessusClient::Headers NessusClient::loginHeaders(Call& call) {
  if (!config_.ui_session)
    return {{"X-ApiKeys", "accessKey=" + config_.access_key + "; secretKey=" + config_.secret_key}};
  std::string session, api_token;
  const auto remember = [&] {
    const std::lock_guard lock(mutex_);
    session = session_;
    api_token = api_token_;
  };
  remember();
  if (session.empty()) openSession(call);
  if (api_token.empty()) fetchApiToken(call);
  remember();
  return {{"X-Cookie", "token=" + session}, {"X-API-Token", api_token}};
}

void NessusClient::openSession(Call& call) {
  const Json login = Json::object({{"username", config_.username}, {"password", config_.password}});
  HttpRequest request{"POST", "/session", {{"Content-Type", "application/json"}}, login.dump()};
  const WipedAfterUse wiped(request.body);
  Answer answer;
  try {
    answer = exchange(request, {}, call);
  } catch (const TransportError& error) {
    unreachable(error.what());  // at worst a session more is open
  }
  if (!answer.isGood()) refuse(answer, "a session for " + inQuotes(config_.username));
  const auto document = Json::tryParse(answer.body);
  std::string token = document ? (*document)["token"].asString() : std::string();
  if (!isToken(token)) unreachable(config_.url() + " answers a login without a usable token");
  const std::lock_guard lock(mutex_);
  session_ = std::move(token);
}

void NessusClient::fetchApiToken(Call& call) {
  const Answer script = getOpen("/nessus6.js", call);
  std::string token = script.isGood() ? apiTokenIn(script.body) : std::string();
  if (token.empty())
    throw PluginError(ErrorClass::unsupported,
                      config_.url() +
                          "/nessus6.js holds no API token; this version of Nessus "
                          "cannot be used with ui_session, use API keys",
                      ErrorSubject::backend);
  const std::lock_guard lock(mutex_);
  api_token_ = std::move(token);
}

void NessusClient::refuse(const Answer& answer, std::string_view what) const {
  const auto document = Json::tryParse(answer.body);
  const std::string said = document && (*document)["error"].isString()
                               ? " " + inQuotes((*document)["error"].asString())
                               : std::string();
  const std::string told = config_.url() + " answers " + std::to_string(answer.status) + said +
                           " to the request for " + std::string(what);
  switch (answer.status) {
    case 400: throw PluginError(ErrorClass::config, told);
    case 401:
      throw PluginError(ErrorClass::auth,
                        told + (config_.ui_session ? "; check username and password"
                                                   : "; check access_key and secret_key"),
                        ErrorSubject::backend);
    case 403:
      throw PluginError(ErrorClass::auth, told + "; give our user the permission",
                        ErrorSubject::backend);
    case 404: throw PluginError(ErrorClass::lost, told);
    case 409:
      throw PluginError(ErrorClass::busy, told, ErrorSubject::task, std::chrono::seconds(5));
    case 412:
      throw PluginError(ErrorClass::unsupported,
                        told + "; the licence of this Nessus does not let API keys control scans",
                        ErrorSubject::backend);
    case 429:
      throw PluginError(ErrorClass::busy, told, ErrorSubject::backend,
                        answer.retry_after.value_or(std::chrono::seconds(30)));
    case 500: throw PluginError(ErrorClass::transient, told);
    default: break;
  }
  if (answer.status > 500)
    throw PluginError(ErrorClass::transient, told, ErrorSubject::backend,
                      answer.retry_after.value_or(std::chrono::seconds(0)));
  throw PluginError(ErrorClass::unsupported, told, ErrorSubject::backend);
}

std::unique_ptr<Connection> NessusClient::takeConnection(bool may_be_used) {
  if (may_be_used) {
    const std::lock_guard lock(mutex_);
    const auto now = std::chrono::steady_clock::now();
    while (!idle_.empty()) {
      auto connection = std::move(idle_.back());
      idle_.pop_back();
      if (now - connection->lastUse() < idle_time) return connection;
    }
  }
  return std::make_unique<Connection>(config_.server);
}

void NessusClient::giveBack(std::unique_ptr<Connection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < most_idle) idle_.push_back(std::move(connection));
}

}  // namespace scanhost::nessus
