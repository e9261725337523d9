// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What is said between the daemon and a runner, beyond the ABI's own structs.
#pragma once

#include <scanhost/abi/call.h>
#include <scanhost/abi/services.h>

#include "host/runner/frame.h"
#include "host/runner/wire_records.h"

namespace scanhost::runner {

/// Descriptors that a runner is started with.
inline constexpr int socket_fd = 3, plugin_fd = 4, crash_fd = 5;

/// The functions of the interfaces that a runner can serve.
enum class Function : std::uint16_t {
  create = 1,
  start,
  stop,
  destroy,
  describe,
  self_test,
  scan,
  prepare,
  start_scan,
  find,
  poll,
  pause,
  resume,
  stop_scan,
  collect,
  remove,
  events,
  flush,
  endpoint,
  render,
  spans,
};
/// As operators and logs know it: "self_test".
const char* functionName(Function function);

/// Where something that the plugin hands over belongs.
enum class SinkFunction : std::uint16_t {
  text = 1,     ///< reference, run id, path or document
  second_text,  ///< of `render`: the document, after the media type
  description,
  health,
  findings,
  hosts,
  progress,
  summary,
  states,  ///< several, as they come within a while
};

enum class ServiceFunction : std::uint16_t {
  series = 1,  ///< SeriesRequest; answered by SeriesAnswer
  change,      ///< SeriesChange; not answered
};

/// What a runner may do, and for whom.
struct Hello {
  std::uint32_t protocol = runner::protocol;
  scanhost_text plugin{}, manifest{}, host_version{};
  std::uint64_t memory_bytes = 0;  ///< of data; 0: as the daemon
  std::uint32_t open_files = 0;
  std::uint8_t network = 0;
  std::uint8_t programs = 0;
  std::uint8_t raw_sockets = 0;
  scanhost_texts readable{}, writable{}, executable{};  ///< paths, with all below them
};

template <class Codec>
void members(Codec& codec, Described<Codec, Hello>& hello) {
  values(codec, hello.protocol, hello.plugin, hello.manifest, hello.host_version,
         hello.memory_bytes, hello.open_files, hello.network, hello.programs, hello.raw_sockets,
         hello.readable, hello.writable, hello.executable);
}

/// How a call ended, and whether the runner is ready.
struct Outcome {
  std::int32_t status = SCANHOST_OK;
  std::int32_t subject = SCANHOST_SUBJECT_TASK;
  std::int64_t retry_after_ns = 0;
  scanhost_text message{};
};

template <class Codec>
void members(Codec& codec, Described<Codec, Outcome>& outcome) {
  values(codec, outcome.status, outcome.subject, outcome.retry_after_ns, outcome.message);
}

/// What an exporter's table may leave out.
inline constexpr std::uint32_t takes_events = 1, renders_metrics = 2, takes_spans = 4;

/// What a `ready` frame holds.
struct Ready {
  std::uint32_t protocol = runner::protocol;
  std::uint32_t abilities = 0;
  Outcome outcome;
};

template <class Codec>
void members(Codec& codec, Described<Codec, Ready>& ready) {
  values(codec, ready.protocol, ready.abilities);
  members(codec, ready.outcome);
}

/// What every `call` frame begins with. Both ends read the same CLOCK_MONOTONIC.
struct CallHead {
  std::int64_t deadline_ns = INT64_MAX;
  scanhost_trace trace{};
  std::uint8_t cancelled = 0;  ///< already when it was made
};

template <class Codec>
void members(Codec& codec, Described<Codec, CallHead>& head) {
  values(codec, head.deadline_ns, head.cancelled);
  members(codec, head.trace);
}

struct CreateRequest {
  scanhost_text interface { }, instance{}, settings{}, data_dir{}; };

template <class Codec>
void members(Codec& codec, Described<Codec, CreateRequest>& request) {
  values(codec, request.interface, request.instance, request.settings, request.data_dir);
}

/// The bounds that the daemon's sink gives, sent with each call that has a scan sink.
struct SinkBounds {
  std::uint32_t max_batch = 0;
  std::uint64_t max_text = 0;
};

template <class Codec>
void members(Codec& codec, Described<Codec, SinkBounds>& bounds) {
  values(codec, bounds.max_batch, bounds.max_text);
}

struct LoggedEvent {
  std::int32_t level = 0;
  scanhost_text event{}, fields{};
};

template <class Codec>
void members(Codec& codec, Described<Codec, LoggedEvent>& event) {
  values(codec, event.level, event.event, event.fields);
}

enum class SeriesKind : std::uint8_t { counter, gauge, histogram };

struct SeriesRequest {
  std::uint8_t kind = 0;
  scanhost_text name{}, help{};
  scanhost_pairs labels{};
  const double* bounds = nullptr;
  std::uint64_t bound_count = 0;
};

template <class Codec>
void members(Codec& codec, Described<Codec, SeriesRequest>& request) {
  values(codec, request.kind, request.name, request.help, request.labels);
  codec.array(request.bounds, request.bound_count);
}

/// A series is known to the runner by a number, for a pointer from it could not be trusted.
struct SeriesAnswer {
  std::int32_t status = SCANHOST_OK;
  std::uint32_t series = 0;
};

template <class Codec>
void members(Codec& codec, Described<Codec, SeriesAnswer>& answer) {
  values(codec, answer.status, answer.series);
}

struct SeriesChange {
  std::uint32_t series = 0;
  double amount = 0;
};

template <class Codec>
void members(Codec& codec, Described<Codec, SeriesChange>& change) {
  values(codec, change.series, change.amount);
}

/// Encodes one struct as a body.
template <class Message>
std::string encoded(const Message& message) {
  Encoder encoder;
  members(encoder, message);
  return encoder.take();
}

/// What a runner writes to `crash_fd` from its signal handler before it dies: fixed size, no
/// pointers.
struct CrashRecord {
  static constexpr std::uint32_t magic_number = 0x53484352;
  static constexpr std::size_t max_frames = 48, module_bytes = 48;
  struct Frame {
    std::uint64_t offset;       ///< from where the module was loaded
    char module[module_bytes];  ///< its file's name, filled up with zeros; empty: unknown
  };
  std::uint32_t magic = magic_number;
  std::int32_t signal = 0;
  std::int32_t code = 0;       ///< si_code
  std::uint32_t function = 0;  ///< Function under way on that thread; 0 none
  std::uint64_t call = 0;
  std::uint64_t address = 0;  ///< si_addr
  std::uint32_t frame_count = 0;
  std::uint32_t reserved = 0;
  Frame frames[max_frames] = {};
};

}  // namespace scanhost::runner
