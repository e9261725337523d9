// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A small web application on loopback with weaknesses to be found, for tests.
#pragma once

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/URI.h>

#include <cstdint>
#include <mutex>
#include <set>
#include <string>

namespace scanhost::wapiti {

/// Echoes what is searched for, sets a careless cookie, and sends its visitors elsewhere: "/away"
/// and a link lead to the place that it was given.
class WeakSite {
 public:
  explicit WeakSite(std::string elsewhere = "http://192.0.2.1/")
      : elsewhere_(std::move(elsewhere)),
        server_(new Factory(*this),
                Poco::Net::ServerSocket(Poco::Net::SocketAddress("127.0.0.1", 0)),
                new Poco::Net::HTTPServerParams) {
    server_.start();
  }
  ~WeakSite() { server_.stopAll(true); }
  WeakSite(const WeakSite&) = delete;
  WeakSite& operator=(const WeakSite&) = delete;

  std::uint16_t port() const { return server_.port(); }
  /// What stood in the header Host of the requests.
  std::set<std::string> hostsAsked() const {
    const std::lock_guard lock(mutex_);
    return hosts_;
  }
  /// The paths that were asked for.
  std::set<std::string> pathsAsked() const {
    const std::lock_guard lock(mutex_);
    return paths_;
  }

 private:
  using Request = Poco::Net::HTTPServerRequest;
  using Response = Poco::Net::HTTPServerResponse;

  void answer(Request& request, Response& response) {
    const Poco::URI uri(request.getURI());
    {
      const std::lock_guard lock(mutex_);
      hosts_.insert(request.getHost());
      paths_.insert(uri.getPath());
    }
    response.setContentType("text/html");
    response.set("Set-Cookie", "session=1; Path=/");
    if (uri.getPath() == "/away") return response.redirect(elsewhere_);
    std::string page = "<a href='/search?q=a'>search</a><a href='/away'>away</a><a href='" +
                       elsewhere_ + "'>elsewhere</a>";
    if (uri.getPath() == "/search") {
      page = "nothing about ";
      for (const auto& [name, value] : uri.getQueryParameters())
        if (name == "q") page += value;
    } else if (uri.getPath() != "/") {
      response.setStatusAndReason(Response::HTTP_NOT_FOUND);
    }
    response.send() << "<html><body>" << page << "</body></html>";
  }

  class Handler : public Poco::Net::HTTPRequestHandler {
   public:
    explicit Handler(WeakSite& site) : site_(site) {}
    void handleRequest(Request& request, Response& response) override {
      site_.answer(request, response);
    }

   private:
    WeakSite& site_;
  };
  class Factory : public Poco::Net::HTTPRequestHandlerFactory {
   public:
    explicit Factory(WeakSite& site) : site_(site) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(const Request&) override {
      return new Handler(site_);  // Poco deletes it
    }

   private:
    WeakSite& site_;
  };

  std::string elsewhere_;
  mutable std::mutex mutex_;
  std::set<std::string> hosts_, paths_;
  Poco::Net::HTTPServer server_;
};

}  // namespace scanhost::wapiti
