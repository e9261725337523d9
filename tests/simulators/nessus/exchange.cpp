// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/exchange.h"

#include <charconv>

namespace scanhost::simulator {
namespace {

/// The number that follows `prefix` in `path`, as in "/scans/12/launch".
std::optional<std::int64_t> numberAfter(std::string_view prefix, std::string_view path) {
  if (!path.starts_with(prefix)) return {};
  path.remove_prefix(prefix.size());
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(path.data(), path.data() + path.size(), id);
  if (error != std::errc()) return {};
  return id;
}

Reply loadingReply(const Request& request) {
  if (request.path == "/server/status")
    return Reply::json(Json::object({{"code", 503}, {"progress", 40}, {"status", "loading"}}), 503);
  return Reply::error(503, "The server is starting");
}

const char* usualText(int status) {
  switch (status) {
    case 401: return "Invalid Credentials";
    case 403: return "You do not have permission to perform this request";
    case 404: return "The requested file was not found.";
    case 409: return "The request conflicts with the state of the object";
    case 412: return "API is not available";
    case 429: return "Too many requests";
    case 503: return "The server is busy";
    default: return "An error was ordered";
  }
}

Reply orderedReply(const Fault& fault) {
  Reply reply = Reply::error(fault.status, usualText(fault.status));
  if (fault.body) reply.body = *fault.body;
  if (fault.retry_after)
    reply.headers.emplace_back("Retry-After", std::to_string(*fault.retry_after));
  reply.close = fault.status == 412;
  return reply;
}

Reply licenceReply() {
  Reply reply = Reply::error(412, "API is not available");
  reply.close = true;
  return reply;
}

/// The path without the token that stands for a login.
std::string journalPath(const std::string& path) {
  constexpr std::string_view prefix = "/tokens/";
  if (!path.starts_with(prefix)) return path;
  const std::size_t end = path.find('/', prefix.size());
  return std::string(prefix) + "*" + (end == std::string::npos ? "" : path.substr(end));
}

}  // namespace

Outcome Exchange::answer(const Request& request) {
  if (request.path.starts_with("/simulator/")) return {answerTest(request)};
  const auto fault = faults_.next(request.method, request.path);
  Outcome outcome = fault ? misbehave(request, *fault) : Outcome{api_.answer(request)};
  note(request, outcome, fault);
  if (fault && fault->kind == FaultKind::delay_after) sleep_(fault->delay);
  return outcome;
}

Outcome Exchange::misbehave(const Request& request, const Fault& fault) {
  if (fault.kind != FaultKind::delay_after && fault.delay.count() > 0) sleep_(fault.delay);
  switch (fault.kind) {
    case FaultKind::delay:
    case FaultKind::delay_after: return {api_.answer(request)};
    case FaultKind::drop_before: return {Reply(), Delivery::nothing};
    case FaultKind::drop_after: return {api_.answer(request), Delivery::nothing};
    case FaultKind::status: return {orderedReply(fault)};
    case FaultKind::broken_412: return {licenceReply(), Delivery::head_only};
    case FaultKind::loading: return {loadingReply(request)};
    case FaultKind::truncate: return {api_.answer(request), Delivery::half_cut_off};
    case FaultKind::cut_file: return {api_.answer(request), Delivery::half_as_whole};
    case FaultKind::vanish:
      if (const auto scan_id = numberAfter("/scans/", request.path))
        api_.vanish(*scan_id);
      else
        api_.vanishAll();
      return {api_.answer(request)};
  }
  return {api_.answer(request)};
}

void Exchange::note(const Request& request, const Outcome& outcome,
                    const std::optional<Fault>& fault) {
  JournalEntry entry;
  entry.time = clock_();
  entry.method = request.method;
  entry.path = journalPath(request.path);
  entry.query = request.query;
  entry.status = outcome.delivery == Delivery::nothing ? 0 : outcome.reply.status;
  entry.effect = outcome.reply.effect;
  entry.scan_id =
      outcome.reply.scan_id ? outcome.reply.scan_id : numberAfter("/scans/", request.path);
  entry.name = outcome.reply.name;
  if (fault) entry.fault = faultName(fault->kind);
  journal_.add(std::move(entry));
}

Reply Exchange::answerTest(const Request& request) {
  const bool get = request.method == "GET";
  if (get && request.path == "/simulator/journal") {
    const auto after = request.params.find("after");
    return Reply::json(journal_.entries(
        after == request.params.end() ? 0 : numberOf(Json(after->second)).value_or(0)));
  }
  if (get && request.path == "/simulator/credentials-seen")
    return Reply::json(journal_.credentials());
  if (get && request.path == "/simulator/scans") return Reply::json(api_.state());
  if (!get && request.path == "/simulator/faults") return changeFaults(request);
  if (!get && request.path == "/simulator/renew-api-token") {
    api_.renewApiToken();
    return Reply();
  }
  if (!get && request.path.starts_with("/simulator/scans/")) return changeScan(request);
  return Reply::error(404, "The simulator has no such call");
}

Reply Exchange::changeFaults(const Request& request) {
  std::string why;
  const auto document = Json::tryParse(request.body, {}, &why);
  if (!document) return Reply::error(400, "fault rules are no JSON: " + why);
  auto rules = readFaultRules(*document);
  if (!rules) return Reply::error(400, rules.error().message);
  const std::size_t count = rules->size();
  faults_.replace(std::move(*rules));
  return Reply::json(Json::object({{"rules", count}}));
}

Reply Exchange::changeScan(const Request& request) {
  const auto scan_id = numberAfter("/simulator/scans/", request.path).value_or(-1);
  const auto ends_with = [&](std::string_view word) { return request.path.ends_with(word); };
  const bool done = ends_with("/vanish")   ? api_.vanish(scan_id)
                    : ends_with("/abort")  ? api_.abort(scan_id)
                    : ends_with("/finish") ? api_.finish(scan_id)
                                           : false;
  return done ? Reply() : Reply::error(404, "No such scan, or not in a state for it");
}

}  // namespace scanhost::simulator
