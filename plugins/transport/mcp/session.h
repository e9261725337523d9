// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What is remembered of a client of a revision with sessions: who it is, what it can be asked, its
/// streams, its running requests, what it watches. Any thread; calls out without its lock.
#pragma once

#include <scanhost/caller.h>
#include <scanhost/host_operations.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/transport/mcp/event_stream.h"
#include "plugins/transport/mcp/json_rpc.h"
#include "plugins/transport/mcp/outlet.h"
#include "plugins/transport/mcp/revision.h"

namespace scanhost::mcp {

class Session : public std::enable_shared_from_this<Session> {
 public:
  using Clock = std::chrono::steady_clock;
  /// The client's answer, or null when there will be none.
  using Answered = std::function<void(const Message* answer)>;

  /// `standalone` is the stream that belongs to no request; `memory` is for those that do.
  Session(std::string id, std::shared_ptr<const OwnedCaller> caller, Revision revision, Json client,
          std::shared_ptr<EventStream> standalone, EventMemory memory);

  const std::string& id() const { return id_; }
  const std::shared_ptr<const OwnedCaller>& caller() const { return caller_; }
  Revision revision() const { return revision_; }
  const Json& client() const { return client_; }

  std::int32_t logLevel() const { return log_level_; }
  void setLogLevel(std::int32_t level) { log_level_ = level; }

  /// The stream that belongs to no request.
  const std::shared_ptr<EventStream>& standalone() const { return standalone_; }
  /// One for the requests of one POST.
  std::shared_ptr<EventStream> openStream();
  /// Null when it is not remembered any more.
  std::shared_ptr<EventStream> findStream(std::uint64_t number) const;
  std::size_t attachedStreams() const;
  /// Closes the connections of request streams that are as old, for their clients to come back.
  void pauseStreams(Clock::time_point attached_before);
  void forgetStreams(Clock::time_point finished_before);

  /// Sends the client a request on `via`. False, and `answered` is not called, when too many are
  /// open.
  bool ask(Outlet& via, std::string_view method, const Json& params, Answered answered);
  /// Hands an answer to who asked. Unknown ones are passed over.
  void answer(const Message& response);
  /// Questions that are as old will not be answered any more.
  void giveUpQuestions(Clock::time_point asked_before);

  /// `cancel` ends the request of that id; until ended() is called for it.
  void began(const Json& request_id, std::function<void()> cancel);
  void ended(const Json& request_id);
  void cancel(const Json& request_id);

  /// Changes of that resource are told on the standalone stream. False when there are too many, or
  /// it is none of this caller.
  bool subscribe(const OperationsClient& operations, const std::string& uri);
  void unsubscribe(const std::string& uri);
  /// Changes of the lists are told there, too, from now on.
  void watchLists(const OperationsClient& operations);

  /// Nothing follows: questions stay unanswered, requests are cancelled, streams end.
  void end();
  bool isBusy() const;

 private:
  std::optional<OperationsWatch> watch(const OperationsClient& operations, std::uint32_t kinds,
                                       const std::vector<std::string>& uris) const;

  const std::string id_;
  const std::shared_ptr<const OwnedCaller> caller_;
  const Revision revision_;
  const Json client_;
  const EventMemory memory_;
  const std::shared_ptr<EventStream> standalone_;
  std::atomic<std::int32_t> log_level_{-1};

  mutable std::mutex mutex_;
  bool ended_ = false;
  std::uint64_t last_stream_ = 0;
  std::map<std::uint64_t, std::shared_ptr<EventStream>> streams_;
  std::int64_t last_question_ = 0;
  struct Question {
    Answered answered;
    Clock::time_point asked_at;
  };
  std::map<std::int64_t, Question> questions_;
  std::map<std::string, std::function<void()>> running_;

  std::mutex watch_mutex_;  ///< held while a watch is begun or ended, never in a callback
  bool watches_ended_ = false;
  std::optional<OperationsWatch> lists_;
  std::map<std::string, OperationsWatch> subscribed_;
};

/// What changed, as a notification; empty for what is told otherwise.
std::string changeNotification(std::uint32_t kind, std::string_view name, const Json& meta);

}  // namespace scanhost::mcp
