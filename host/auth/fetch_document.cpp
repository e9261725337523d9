// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/URI.h>

#include <chrono>
#include <istream>

#include "host/auth/jwks_source.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using Poco::Net::Context;

constexpr auto longest = 8s;
const Poco::Timespan each_wait(3, 0);

std::unique_ptr<Poco::Net::HTTPClientSession> sessionFor(const Poco::URI& uri,
                                                         const std::filesystem::path& ca_file) {
  std::unique_ptr<Poco::Net::HTTPClientSession> session;
  if (uri.getScheme() == "https") {
    Context::Ptr context(new Context(Context::TLS_CLIENT_USE, "", "", ca_file.string(),
                                     Context::VERIFY_STRICT, 9, ca_file.empty()));
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    session =
        std::make_unique<Poco::Net::HTTPSClientSession>(uri.getHost(), uri.getPort(), context);
  } else {
    session = std::make_unique<Poco::Net::HTTPClientSession>(uri.getHost(), uri.getPort());
  }
  session->setTimeout(each_wait, each_wait, each_wait);
  session->setKeepAlive(false);
  return session;
}

Result<std::string> readAll(std::istream& in, const std::string& url, std::size_t max_bytes) {
  const auto until = std::chrono::steady_clock::now() + longest;
  std::string body;
  for (int c; (c = in.get()) != std::istream::traits_type::eof();) {
    body += static_cast<char>(c);
    if (body.size() > max_bytes)
      return fail(ErrorClass::transient,
                  url + " answers with more than " + std::to_string(max_bytes / 1024) + " KiB");
    if (std::chrono::steady_clock::now() > until)
      return fail(ErrorClass::transient, url + " takes too long");
  }
  return body;
}

}  // namespace

Result<std::string> fetchDocument(const std::string& url, const std::filesystem::path& ca_file,
                                  std::size_t max_bytes) {
  try {
    const Poco::URI uri(url);
    const auto session = sessionFor(uri, ca_file);
    const std::string path = uri.getPathAndQuery();
    Poco::Net::HTTPRequest request(Poco::Net::HTTPRequest::HTTP_GET, path.empty() ? "/" : path,
                                   Poco::Net::HTTPRequest::HTTP_1_1);
    request.set("Accept", "application/json");
    session->sendRequest(request);
    Poco::Net::HTTPResponse response;
    std::istream& in = session->receiveResponse(response);
    if (response.getStatus() != Poco::Net::HTTPResponse::HTTP_OK)
      return fail(ErrorClass::transient,
                  url + " answers " + std::to_string(static_cast<int>(response.getStatus())));
    return readAll(in, url, max_bytes);
  } catch (const Poco::Exception& error) {
    return fail(ErrorClass::transient, url + ": " + error.displayText());
  }
}

}  // namespace scanhost
