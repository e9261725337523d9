// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/fake_listener.h"

#include <scanhost/text.h>
#include <strings.h>

#include <algorithm>
#include <cstring>

#include "tests/conformance/check_call.h"
#include "tests/conformance/check_host.h"

namespace scanhost::conformance {
namespace {

constexpr std::chrono::seconds longest_deferral{10};

/// One request while its handler runs.
struct Exchange {
  Transcript& transcript;
  const FakeRequest& request;
  FakeAnswer answer;
  std::size_t read = 0;
  int answers = 0;
  bool over = false;
  std::vector<std::shared_ptr<FakeStream>>* streams = nullptr;
};

Exchange& live(void* context, const char* function) {
  auto& exchange = *static_cast<Exchange*>(context);
  if (exchange.over)
    exchange.transcript.note("SH-P-57", std::string(function) + " was called after its handler");
  return exchange;
}

scanhost_text headerOf(void* context, scanhost_text name) {
  const Exchange& exchange = live(context, "header");
  for (const auto& [key, value] : exchange.request.headers)
    if (key.size() == name.size && strncasecmp(key.data(), name.data, key.size()) == 0)
      return toText(value);
  return {nullptr, 0};
}

scanhost_status readBody(void* context, std::uint8_t* buffer, std::uint64_t size,
                         std::uint64_t* got) {
  Exchange& exchange = live(context, "read");
  const std::string& body = exchange.request.body;
  *got = std::min<std::uint64_t>(size, body.size() - exchange.read);
  std::memcpy(buffer, body.data() + exchange.read, *got);
  exchange.read += *got;
  return SCANHOST_OK;
}

bool answersOnce(Exchange& exchange) {
  if (++exchange.answers == 1) return true;
  exchange.transcript.note("SH-P-58",
                           "a handler answered " + std::to_string(exchange.answers) + " times");
  return false;
}

scanhost_status sendAnswer(void* context, std::int32_t code, scanhost_pairs headers,
                           scanhost_bytes body) {
  Exchange& exchange = live(context, "send");
  if (!answersOnce(exchange)) return SCANHOST_ERROR_UNSUPPORTED;
  exchange.answer.code = code;
  exchange.answer.headers = toPairs(headers);
  exchange.answer.body.assign(reinterpret_cast<const char*>(body.data), body.size);
  return SCANHOST_OK;
}

scanhost_status forbidAnswer(void* context, scanhost_texts, scanhost_pairs headers,
                             scanhost_bytes body) {
  return sendAnswer(context, 403, headers, body);
}

scanhost_status openStream(void* context, std::int32_t code, scanhost_pairs headers,
                           const scanhost_http_stream_options* options,
                           const scanhost_http_stream** stream) {
  Exchange& exchange = live(context, "stream");
  if (!answersOnce(exchange)) return SCANHOST_ERROR_UNSUPPORTED;
  exchange.answer.code = code;
  exchange.answer.headers = toPairs(headers);
  exchange.answer.stream = std::make_shared<FakeStream>(exchange.transcript, *options);
  exchange.streams->push_back(exchange.answer.stream);
  *stream = exchange.answer.stream->abi();
  return SCANHOST_OK;
}

scanhost_status deferAnswer(void* context, const scanhost_http_deferred_options* options,
                            const scanhost_http_deferred** deferred) {
  Exchange& exchange = live(context, "defer");
  if (!answersOnce(exchange)) return SCANHOST_ERROR_UNSUPPORTED;
  exchange.answer.deferred = std::make_shared<FakeDeferred>(exchange.transcript, *options);
  *deferred = exchange.answer.deferred->abi();
  return SCANHOST_OK;
}

scanhost_status mountRoute(const scanhost_host* host, const scanhost_call* call,
                           const scanhost_http_route* route, void** handle) {
  return CheckHost::of(host).listener().mount(call, route, handle);
}

}  // namespace

FakeStream::FakeStream(Transcript& transcript, const scanhost_http_stream_options& options)
    : transcript_(transcript), options_(options) {
  abi_.struct_size = sizeof abi_;
  abi_.context = this;
  abi_.write = [](void* context, scanhost_bytes bytes) -> scanhost_status {
    FakeStream& self = of(context, "write");
    const std::lock_guard lock(self.mutex_);
    if (self.closed_) return SCANHOST_ERROR_CANCELLED;
    self.bytes_.append(reinterpret_cast<const char*>(bytes.data), bytes.size);
    return SCANHOST_OK;
  };
  abi_.close = [](void* context) { of(context, "close").drop(); };
  abi_.release = [](void* context) {
    FakeStream& self = of(context, "release");
    {
      const std::lock_guard lock(self.mutex_);
      self.released_ = true;
    }
    self.drop();
  };
}

FakeStream& FakeStream::of(void* context, const char* function) {
  auto& self = *static_cast<FakeStream*>(context);
  if (self.released())
    self.transcript_.note("SH-P-59", std::string(function) + " was called after release");
  return self;
}

void FakeStream::drop() {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
  }
  if (options_.closed) options_.closed(options_.user);
}

std::string FakeStream::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}
bool FakeStream::closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}
bool FakeStream::released() const {
  const std::lock_guard lock(mutex_);
  return released_;
}

FakeDeferred::FakeDeferred(Transcript& transcript, const scanhost_http_deferred_options& options)
    : transcript_(transcript), options_(options) {
  abi_.struct_size = sizeof abi_;
  abi_.context = this;
  abi_.send = [](void* context, std::int32_t code, scanhost_pairs headers, scanhost_bytes body) {
    return of(context, "send")
        .answer({code, toPairs(headers),
                 std::string(reinterpret_cast<const char*>(body.data), body.size), nullptr});
  };
  abi_.stream = [](void* context, std::int32_t code, scanhost_pairs headers,
                   const scanhost_http_stream_options* stream_options,
                   const scanhost_http_stream** stream) {
    FakeDeferred& self = of(context, "stream");
    auto opened = std::make_shared<FakeStream>(self.transcript_, *stream_options);
    *stream = opened->abi();
    return self.answer({code, toPairs(headers), "", opened});
  };
  abi_.release = [](void* context) {
    FakeDeferred& self = of(context, "release");
    {
      const std::lock_guard lock(self.mutex_);
      self.released_ = true;
    }
    self.end({500, {}, "", nullptr});
  };
}

FakeDeferred& FakeDeferred::of(void* context, const char* function) {
  auto& self = *static_cast<FakeDeferred*>(context);
  if (self.released())
    self.transcript_.note("SH-P-100", std::string(function) + " was called after release");
  return self;
}

scanhost_status FakeDeferred::answer(Answer given) {
  {
    const std::lock_guard lock(mutex_);
    if (++answers_ > 1)
      transcript_.note("SH-P-100",
                       "a deferred request was answered " + std::to_string(answers_) + " times");
  }
  return end(std::move(given)) ? SCANHOST_OK : SCANHOST_ERROR_CANCELLED;
}

bool FakeDeferred::end(Answer given) {
  {
    const std::lock_guard lock(mutex_);
    if (over_) return false;
    over_ = true;
    answer_ = std::move(given);
    ended_.notify_all();
  }
  if (options_.gone) options_.gone(options_.user);
  return true;
}

FakeDeferred::Answer FakeDeferred::wait(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  ended_.wait_for(lock, timeout, [&] { return over_; });
  return answer_;
}

bool FakeDeferred::released() const {
  const std::lock_guard lock(mutex_);
  return released_;
}

scanhost_status FakeListener::mount(const scanhost_call*, const scanhost_http_route* route,
                                    void** handle) {
  auto mounted = std::make_shared<Mounted>();
  mounted->path = toString(route->path);
  mounted->methods = toStrings(route->methods);
  mounted->user = route->user;
  mounted->handle = route->handle;
  *handle = mounted.get();
  const std::lock_guard lock(mutex_);
  routes_.push_back(std::move(mounted));
  return SCANHOST_OK;
}

void FakeListener::unmount(void* handle) {
  std::unique_lock lock(mutex_);
  for (const auto& route : routes_) {
    if (route.get() != handle) continue;
    route->is_up = false;
    handler_ended_.wait(lock, [&] { return route->handlers == 0; });
    return;
  }
  lock.unlock();
  transcript_.note("SH-P-62", "unroute was given a handle that route never gave");
}

std::vector<std::shared_ptr<FakeListener::Mounted>> FakeListener::routes() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Mounted>> up;
  std::copy_if(routes_.begin(), routes_.end(), std::back_inserter(up),
               [](const auto& route) { return route->is_up; });
  return up;
}

FakeAnswer FakeListener::ask(const std::shared_ptr<Mounted>& route, const FakeRequest& request) {
  {
    const std::lock_guard lock(mutex_);
    if (!route->is_up) return {};
    ++route->handlers;
  }
  std::vector<std::shared_ptr<FakeStream>> streams;
  auto exchange = std::make_unique<Exchange>(Exchange{transcript_, request, {}});
  exchange->streams = &streams;
  CheckCall call(transcript_);
  const std::vector<std::string> role_names = {"client"};
  const LentTexts roles(role_names);
  const std::vector<std::string> scope_names = {"scanhost:scan"};
  const LentTexts scopes(scope_names);
  const scanhost_caller caller{sizeof caller, 0, toText(request.caller), roles, 0, scopes};
  scanhost_http_request abi{};
  abi.struct_size = sizeof abi;
  abi.context = exchange.get();
  abi.method = toText(request.method);
  abi.path = toText(request.path);
  abi.query = toText(request.query);
  abi.remote_address = toText("127.0.0.1");
  abi.caller = &caller;
  abi.call = call.abi();
  abi.header = &headerOf;
  abi.read = &readBody;
  scanhost_http_response response{};
  response.struct_size = sizeof response;
  response.context = exchange.get();
  response.send = &sendAnswer;
  response.stream = &openStream;
  response.defer = &deferAnswer;
  response.forbid = &forbidAnswer;
  route->handle(route->user, &abi, &response);
  exchange->over = true;
  if (exchange->answers == 0)
    transcript_.note("SH-P-58", "the handler of " + request.method + " " + request.path +
                                    " returned without an answer");
  FakeAnswer answer = std::move(exchange->answer);
  if (answer.deferred) {
    static_cast<FakeDeferred::Answer&>(answer) = answer.deferred->wait(longest_deferral);
    if (answer.stream) streams.push_back(answer.stream);
  }
  const std::lock_guard lock(mutex_);
  if (answer.deferred) deferred_.push_back(answer.deferred);
  --route->handlers;
  handler_ended_.notify_all();
  streams_.insert(streams_.end(), streams.begin(), streams.end());
  return answer;
}

scanhost_status FakeListener::list(std::int32_t what, const scanhost_listing_sink* sink) {
  if (what != SCANHOST_LIST_OPERATIONS) return SCANHOST_OK;
  scanhost_operation echo{};
  echo.struct_size = sizeof echo;
  echo.flags = SCANHOST_OPERATION_READ_ONLY;
  echo.name = toText("echo");
  echo.title = toText("Echo");
  echo.description = toText("Answers what it is given.");
  echo.input_schema = toText(R"({"type": "object"})");
  echo.output_schema = toText(R"({"type": "object"})");
  return sink->operation(sink->context, &echo);
}

void FakeListener::request(const scanhost_invocation* invocation, std::uint64_t* handle) {
  if (handle) *handle = 1;
  const scanhost_request& request = *invocation->request;
  {
    const std::lock_guard lock(mutex_);
    invokers_.push_back(request.caller ? toString(request.caller->subject) : "");
  }
  const scanhost_reply reply = invocation->reply;
  transcript_.noteText("the arguments of an operation", request.arguments);
  if (request.kind != SCANHOST_REQUEST_OPERATION || toView(request.name) != "echo")
    return reply.refused(reply.context, toText("unknown"), toText("there is none"), {});
  reply.progress(reply.context, 1, 2, toText("half"));
  reply.result(reply.context, toText(R"({"echo": "echo-answer-7f3a"})"), 0);
}

std::vector<std::string> FakeListener::invokers() const {
  const std::lock_guard lock(mutex_);
  return invokers_;
}

const scanhost_http* FakeListener::httpTable() {
  static const scanhost_http table = {{sizeof(scanhost_http), SCANHOST_HTTP_REVISION},
                                      &mountRoute,
                                      [](const scanhost_host* host, void* handle) {
                                        CheckHost::of(host).listener().unmount(handle);
                                      }};
  return &table;
}

const scanhost_host_operations* FakeListener::operationsTable() {
  static const scanhost_host_operations table = {
      {sizeof(scanhost_host_operations), SCANHOST_HOST_OPERATIONS_REVISION},
      [](const scanhost_host* host, std::int32_t what, const scanhost_caller*, scanhost_text,
         const scanhost_listing_sink* sink) {
        return CheckHost::of(host).listener().list(what, sink);
      },
      [](const scanhost_host* host, const scanhost_invocation* invocation, std::uint64_t* handle) {
        CheckHost::of(host).listener().request(invocation, handle);
      },
      [](const scanhost_host*, std::uint64_t) {},
      [](const scanhost_host*, const scanhost_watch*, void** handle) {
        static int watch;
        *handle = &watch;
        return scanhost_status{SCANHOST_OK};
      },
      [](const scanhost_host*, void*) {},
      [](const scanhost_host*, std::uint32_t, scanhost_text) {}};
  return &table;
}

}  // namespace scanhost::conformance
