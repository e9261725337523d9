// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/recording.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>

#include "tests/conformance/transcript.h"

namespace scanhost::conformance {
namespace {

constexpr int format_version = 1;
constexpr std::size_t most_line_bytes = 64u << 20;
constexpr std::size_t shortest_secret = 6;  ///< a shorter one would blank out half the text

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 32) : c; });
  return out;
}

bool isSecretHeader(std::string_view name) {
  static constexpr std::array<std::string_view, 8> names = {
      "authorization", "proxy-authorization", "cookie",   "set-cookie",
      "x-apikeys",     "x-api-key",           "x-cookie", "x-api-token"};
  const std::string low = lowered(name);
  return std::find(names.begin(), names.end(), low) != names.end();
}

bool isSecretMember(std::string_view name) {
  static constexpr std::array<std::string_view, 8> parts = {
      "password", "passwd", "secret", "token", "apikey", "api_key", "access_key", "private_key"};
  const std::string low = lowered(name);
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return low.find(part) != std::string::npos; });
}

std::string toBase64(const std::string& bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()),
                  static_cast<int>(bytes.size()));
  return text;
}

/// Empty for what is no base64.
std::string fromBase64(const std::string& text) {
  std::string bytes(text.size() / 4 * 3 + 1, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return {};
  const std::size_t padding = text.size() - (text.find_last_not_of('=') + 1);
  bytes.resize(static_cast<std::size_t>(size) - std::min<std::size_t>(padding, 2));
  return bytes;
}

/// Text as it is, other bytes as base64 under another name.
void putBytes(Json& json, const std::string& name, const std::string& bytes) {
  if (isUtf8(bytes))
    json[name] = bytes;
  else
    json[name + "_base64"] = toBase64(bytes);
}

std::string bytesOf(const Json& json, const std::string& name) {
  if (const Json* encoded = json.find(name + "_base64")) return fromBase64(encoded->asString());
  return json[name].asString();
}

Json headersJson(const HeaderList& headers) {
  Json json = Json::array();
  for (const auto& [name, value] : headers) json.push(Json::array({name, value}));
  return json;
}

HeaderList headersOf(const Json& json) {
  HeaderList headers;
  for (const Json& pair : json.items())
    if (pair.size() == 2)
      headers.emplace_back(pair.items()[0].asString(), pair.items()[1].asString());
  return headers;
}

RecordedExchange exchangeOf(const Json& json) {
  const Json& request = json["request"];
  const Json& response = json["response"];
  RecordedExchange exchange;
  exchange.method = request["method"].asString();
  exchange.path = request["path"].asString();
  exchange.request_headers = headersOf(request["headers"]);
  exchange.request_body = bytesOf(request, "body");
  exchange.status = static_cast<int>(response["status"].asInteger());
  exchange.response_headers = headersOf(response["headers"]);
  exchange.response_body = bytesOf(response, "body");
  exchange.delay_ms = json["delay_ms"].asInteger();
  return exchange;
}

RecordedRun runOf(const Json& json) {
  RecordedRun run;
  run.program = json["program"].asString();
  for (const Json& argument : json["arguments"].items())
    run.arguments.push_back(argument.asString());
  run.output = bytesOf(json, "output");
  run.error_output = bytesOf(json, "error_output");
  run.exit_code = static_cast<int>(json["exit_code"].asInteger());
  run.signal = static_cast<int>(json["signal"].asInteger());
  return run;
}

}  // namespace

std::string Recording::marker() const {
  constexpr std::string_view begin = "[scanhost:";
  for (const RecordedExchange& exchange : exchanges)
    for (const std::string* text : {&exchange.request_body, &exchange.response_body}) {
      const std::size_t at = text->find(begin);
      const std::size_t end = at == std::string::npos ? at : text->find(']', at);
      if (end != std::string::npos && end - at < 200) return text->substr(at, end - at + 1);
    }
  return {};
}

Result<Recording> readRecording(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(ErrorClass::config, file + " cannot be read");
  Recording recording;
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    const std::string where = file + ":" + std::to_string(number) + ": ";
    std::string why;
    JsonLimits limits;
    const auto json =
        line.size() <= most_line_bytes ? Json::tryParse(line, limits, &why) : std::nullopt;
    if (!json) return fail(ErrorClass::config, where + "no JSON: " + why);
    if (number == 1) {
      if ((*json)["scanhost_recording"].asInteger() != format_version)
        return fail(ErrorClass::config,
                    where +
                        "expected {\"scanhost_recording\": 1}; record it with `scanhost-plugin "
                        "record` of this version");
    } else if (json->has("request")) {
      recording.exchanges.push_back(exchangeOf(*json));
    } else if (json->has("program")) {
      recording.runs.push_back(runOf(*json));
    } else {
      return fail(ErrorClass::config, where + "neither an exchange nor a program's run");
    }
  }
  if (recording.exchanges.empty() && recording.runs.empty())
    return fail(ErrorClass::config, file + " holds no exchange and no run of a program");
  return recording;
}

std::string headerLine() {
  return Json::object({{"scanhost_recording", format_version}}).dump();
}

std::string exchangeLine(const RecordedExchange& exchange) {
  Json request = Json::object({{"method", exchange.method},
                               {"path", exchange.path},
                               {"headers", headersJson(exchange.request_headers)}});
  putBytes(request, "body", exchange.request_body);
  Json response = Json::object(
      {{"status", exchange.status}, {"headers", headersJson(exchange.response_headers)}});
  putBytes(response, "body", exchange.response_body);
  return Json::object(
             {{"request", request}, {"response", response}, {"delay_ms", exchange.delay_ms}})
      .dump();
}

std::string runLine(const RecordedRun& run) {
  Json arguments = Json::array();
  for (const std::string& argument : run.arguments) arguments.push(argument);
  Json json = Json::object({{"program", run.program}, {"arguments", arguments}});
  putBytes(json, "output", run.output);
  putBytes(json, "error_output", run.error_output);
  json["exit_code"] = run.exit_code;
  json["signal"] = run.signal;
  return json.dump();
}

RecordedExchange Redactor::redacted(RecordedExchange exchange) {
  learnHeaders(exchange.request_headers);
  learnHeaders(exchange.response_headers);
  learnBody(exchange.request_body);
  learnBody(exchange.response_body);
  apply(exchange.path);
  apply(exchange.request_body);
  apply(exchange.response_body);
  for (HeaderList* headers : {&exchange.request_headers, &exchange.response_headers}) {
    std::erase_if(*headers, [](const auto& header) { return isSecretHeader(header.first); });
    for (auto& [name, value] : *headers) apply(value);
  }
  return exchange;
}

void Redactor::learnHeaders(const HeaderList& headers) {
  for (const auto& [name, value] : headers) {
    if (!isSecretHeader(name)) continue;
    learn(value);
    // "accessKey=...; secretKey=..." and "Bearer ...": each part is a secret of its own.
    std::string part;
    for (const char c : value + ";") {
      if (c != ';' && c != ' ' && c != '=' && c != ',') {
        part += c;
        continue;
      }
      const std::string low = lowered(part);
      if (low != "bearer" && low != "basic" && low != "accesskey" && low != "secretkey" &&
          low != "path" && low != "httponly" && low != "secure")
        learn(part);
      part.clear();
    }
  }
}

void Redactor::learnBody(const std::string& body) {
  if (const auto json = Json::tryParse(body)) learnMembers(*json);
}

void Redactor::learnMembers(const Json& value) {
  for (const Json& item : value.items()) learnMembers(item);
  for (const auto& [name, member] : value.members()) {
    if (member.isString() && isSecretMember(name)) learn(member.asString());
    learnMembers(member);
  }
}

void Redactor::learn(const std::string& secret) {
  if (secret.size() < shortest_secret || secret.rfind("redacted-", 0) == 0) return;
  words_.emplace(secret, "redacted-" + std::to_string(words_.size() + 1));
}

void Redactor::apply(std::string& text) const {
  for (const auto& [secret, word] : words_)
    for (std::size_t at = 0; (at = text.find(secret, at)) != std::string::npos; at += word.size())
      text.replace(at, secret.size(), word);
}

}  // namespace scanhost::conformance
