// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/runner/program/sinks.h"

#include "sdk/abi/released_size.h"

namespace scanhost::runner {
namespace {

/// A larger batch goes in parts, so that no frame comes near the bound.
constexpr std::size_t large_body = 8u << 20;
constexpr std::size_t gathered_body = 64u << 10;
/// Text goes in pieces of at most this.
constexpr std::uint64_t text_piece = 1u << 20;

/// Whether the plugin's struct is as long as it was released: a shorter one cannot be read.
template <class Record>
bool isWhole(const Record* record) {
  return record && record->struct_size >= released_size<Record>;
}

/// Hands one whole struct over; a shorter one goes as an empty body, which the daemon refuses with
/// the plugin's name.
template <class Record>
scanhost_status handOne(CallLink& link, SinkFunction sink, const Record* record) {
  return link.hand(sink, isWhole(record) ? encoded(*record) : std::string());
}

}  // namespace

scanhost_status CallLink::hand(SinkFunction sink, std::string_view body) {
  const std::string answer =
      daemon_.ask(FrameKind::sink, static_cast<std::uint16_t>(sink), call_, body);
  Decoder decoder(answer);
  scanhost_status status = SCANHOST_OK;
  decoder.value(status);
  return decoder.failed() ? SCANHOST_ERROR_INTERNAL : status;
}

TextSink::TextSink(CallLink& link, SinkFunction sink)
    : link_(link), sink_(sink), abi_{sizeof abi_, 0, this, [](void* context, scanhost_text chunk) {
                                       auto& self = *static_cast<TextSink*>(context);
                                       do {
                                         Encoder body;
                                         const std::uint64_t piece =
                                             chunk.size < text_piece ? chunk.size : text_piece;
                                         body.value(scanhost_text{chunk.data, piece});
                                         if (const auto status =
                                                 self.link_.hand(self.sink_, body.view());
                                             status != SCANHOST_OK)
                                           return status;
                                         chunk = {chunk.data + piece, chunk.size - piece};
                                       } while (chunk.size > 0);
                                       return SCANHOST_OK;
                                     }} {}

ScannerSink::ScannerSink(CallLink& link)
    : link_(link),
      abi_{sizeof abi_, 0, this,
           [](void* context, const scanhost_scanner_description* description) {
             auto& self = *static_cast<ScannerSink*>(context);
             self.refusal_ = handOne(self.link_, SinkFunction::description, description);
           },
           [](void* context, const scanhost_scanner_health* health) {
             auto& self = *static_cast<ScannerSink*>(context);
             self.refusal_ = handOne(self.link_, SinkFunction::health, health);
           }} {}

ScanSink::ScanSink(CallLink& link, const SinkBounds& bounds)
    : link_(link),
      abi_{sizeof abi_,
           bounds.max_batch,
           bounds.max_text,
           this,
           [](void* context, const scanhost_finding* const* records, uint64_t count) {
             return static_cast<ScanSink*>(context)->hand(SinkFunction::findings, records, count);
           },
           [](void* context, const scanhost_host_report* const* records, uint64_t count) {
             return static_cast<ScanSink*>(context)->hand(SinkFunction::hosts, records, count);
           },
           [](void* context, int32_t percent, scanhost_text status) {
             Encoder body;
             body.value(percent);
             body.value(status);
             return static_cast<ScanSink*>(context)->link_.hand(SinkFunction::progress,
                                                                body.view());
           },
           [](void* context, const scanhost_scan_summary* summary) {
             return handOne(static_cast<ScanSink*>(context)->link_, SinkFunction::summary, summary);
           }} {}

template <class Record>
scanhost_status ScanSink::hand(SinkFunction sink, const Record* const* records,
                               std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i)
    if (!isWhole(records[i])) return link_.hand(sink, {});
  Encoder body;
  body.records(records, count);
  if (body.view().size() <= large_body || count <= 1) return link_.hand(sink, body.view());
  const std::uint64_t half = count / 2;
  if (const auto status = hand(sink, records, half); status != SCANHOST_OK) return status;
  return hand(sink, records + half, count - half);
}

StateSink::StateSink(CallLink& link)
    : link_(link),
      abi_{sizeof abi_, 0, this, [](void* context, const scanhost_remote_state* state) {
             return static_cast<StateSink*>(context)->take(state);
           }} {}

scanhost_status StateSink::take(const scanhost_remote_state* state) {
  if (refusal_ != SCANHOST_OK) return refusal_;
  if (!isWhole(state)) return refusal_ = link_.hand(SinkFunction::states, {});
  members(states_, *state);
  ++count_;
  return states_.view().size() < gathered_body ? SCANHOST_OK : handOver();
}

scanhost_status StateSink::handOver() {
  Encoder body;
  body.value(count_);
  refusal_ = link_.hand(SinkFunction::states, body.take() + states_.take());
  count_ = 0;
  return refusal_;
}

scanhost_status StateSink::end(scanhost_status plugin) {
  if (refusal_ == SCANHOST_OK && count_ > 0) handOver();
  return plugin == SCANHOST_OK ? refusal_ : plugin;
}

}  // namespace scanhost::runner
