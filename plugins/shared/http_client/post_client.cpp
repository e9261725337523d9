// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/http_client/post_client.h"

#include <Poco/Exception.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include <algorithm>
#include <array>

#include "plugins/shared/settings/setting_reader.h"

namespace scanhost::http_client {
namespace {

using namespace std::chrono_literals;

constexpr auto idle_time = 60s;  ///< after which the server may have hung up
constexpr auto longest_timeout = 300s;
constexpr auto longest_connect = 5s;  ///< in which nothing can be cancelled

/// Headers that say how a message is carried, which is not a setting's to say.
constexpr std::array carrying = {"connection", "content-length",    "expect", "host", "te",
                                 "trailer",    "transfer-encoding", "upgrade"};

bool isPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

/// What the operator gave, without what may be secret: a login before @, the path and the query.
std::string shown(const std::string& url) {
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t end = std::min(url.find_first_of("/?#", host), url.size());
  const std::size_t login = url.substr(host, end - host).rfind('@');
  return url.substr(0, host) +
         url.substr(login == std::string::npos ? host : host + login + 1,
                    login == std::string::npos ? end - host : end - host - login - 1);
}

void readUrl(const Json& settings, const SettingReader& reader, PostTarget& target) {
  const std::string& url = settings["url"].asString();
  const auto refuse = [&](std::string_view right) { reader.refuse("url", shown(url), right); };
  Poco::URI uri;
  try {
    if (isPrintable(url)) uri = Poco::URI(url);
  } catch (const Poco::Exception&) {
    uri.clear();
  }
  if (uri.getHost().empty() || (uri.getScheme() != "https" && uri.getScheme() != "http"))
    refuse("a URL such as \"https://receiver.example/path\"");
  if (!uri.getUserInfo().empty() || url.find('@') < url.find_first_of("/?#", 8))
    refuse(
        "it without a login, and the login under headers, as in {Authorization: \"Bearer ...\"}");
  target.endpoint.secure = uri.getScheme() == "https";
  target.endpoint.host = uri.getHost();
  if (target.endpoint.host.front() ==
      '[')  // Poco leaves the brackets of an IPv6 address in some places
    target.endpoint.host = target.endpoint.host.substr(1, target.endpoint.host.size() - 2);
  target.endpoint.port = uri.getPort();
  uri.setFragment("");
  target.path = uri.getPathAndQuery();
  if (target.path.empty() || target.path[0] != '/') target.path.insert(0, "/");
  if (!target.endpoint.secure && !target.endpoint.isLoopback() &&
      !settings["allow_plaintext"].asBool())
    refuse("https:// for another machine; allow_plaintext: true lets everyone on the way read it");
}

void readHeaders(const Json& headers, const SettingReader& reader, PostTarget& target) {
  for (const auto& [name, value] : headers.members()) {
    const bool is_name =
        !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
          return std::isalnum(c) ||
                 std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) !=
                     std::string_view::npos;
        });
    if (!is_name) reader.refuse("headers", name, "a header's name, of letters, digits and -");
    if (std::find(carrying.begin(), carrying.end(), Poco::toLower(name)) != carrying.end())
      reader.refuse("headers", name, "other headers; this one is set by how the request is sent");
    const std::string& text = value.asString();
    if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F; }))
      reader.refuse("headers", name + ": (not shown)", "a value of printable ASCII in one line");
    target.headers.emplace_back(name, text);
  }
}

/// Thrown out of a receiver that wants no more of a body.
struct EnoughOfBody {
  HttpHead head;
};

}  // namespace

PostTarget readPostTarget(const Json& settings, const std::string& plugin) {
  const SettingReader reader(plugin);
  PostTarget target;
  readUrl(settings, reader, target);
  target.endpoint.tls = tls::readTrust(settings["tls"], plugin);
  target.endpoint.request_timeout =
      settings["timeout"].isNull() ? 10s
                                   : reader.time(settings["timeout"], "timeout", longest_timeout);
  target.endpoint.connect_timeout =
      std::min<std::chrono::milliseconds>(target.endpoint.request_timeout, longest_connect);
  readHeaders(settings["headers"], reader, target);
  return target;
}

PostClient::PostClient(PostTarget target)
    : target_(std::move(target)), connection_(std::make_unique<Connection>(target_.endpoint)) {}

Answer PostClient::post(std::string body, const PostTarget::Headers& headers, Call& call) {
  const auto now = std::chrono::steady_clock::now();
  const bool is_old =
      connection_ && connection_->reusable() && now - connection_->lastUse() > idle_time;
  if (!connection_ || is_old || !connection_->usable())
    connection_ = std::make_unique<Connection>(target_.endpoint);

  HttpRequest request{
      "POST", target_.path, {{"Content-Type", "application/json"}}, std::move(body)};
  for (const auto* some : {&target_.headers, &headers})
    request.headers.insert(request.headers.end(), some->begin(), some->end());
  Answer answer;
  HttpHead head;
  // Kept for the next one only when this one came to its end.
  std::unique_ptr<Connection> connection = std::move(connection_);
  try {
    head = connection->exchange(
        request,
        [&](const HttpHead& of, std::string_view piece) {
          if (answer.body.size() + piece.size() > most_body || call.cancelled())
            throw EnoughOfBody{of};
          answer.body.append(piece);
        },
        call);
  } catch (const EnoughOfBody& enough) {
    head = enough.head;
  }
  answer.status = head.status;
  answer.retry_after = head.retry_after;
  if (connection->reusable()) connection_ = std::move(connection);
  return answer;
}

}  // namespace scanhost::http_client
