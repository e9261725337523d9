// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/conformance/scan_sink.h"

#include <scanhost/text.h>

#include <algorithm>

namespace scanhost::conformance {
namespace {

ScanSink& of(void* context) {
  return *static_cast<ScanSink*>(context);
}

}  // namespace

ScanSink::ScanSink(Transcript& transcript, Shape shape)
    : transcript_(transcript), shape_(std::move(shape)) {
  abi_.struct_size = sizeof abi_;
  abi_.max_batch = shape_.max_batch;
  abi_.max_text = shape_.max_text;
  abi_.context = this;
  abi_.findings = [](void* context, const scanhost_finding* const* records, std::uint64_t count) {
    ScanSink& self = of(context);
    for (std::uint64_t i = 0; i < count; ++i) self.read(records[i]);
    return self.begin("findings", count);
  };
  abi_.hosts = [](void* context, const scanhost_host_report* const* records, std::uint64_t count) {
    ScanSink& self = of(context);
    for (std::uint64_t i = 0; i < count; ++i) {
      self.transcript_.noteText("a reported host", records[i]->host);
      ++self.hosts_;
    }
    return self.begin("hosts", count);
  };
  abi_.progress = [](void* context, std::int32_t percent, scanhost_text status) {
    ScanSink& self = of(context);
    self.transcript_.noteText("a progress word", status);
    if (percent < 0 || percent > 100)
      self.transcript_.note("SH-P-73", "progress is told as " + std::to_string(percent) + " %");
    return self.begin("progress", 1);
  };
  abi_.summary = [](void* context, const scanhost_scan_summary* summary) {
    ScanSink& self = of(context);
    self.complete_ = summary->complete != 0;
    self.transcript_.noteText("the reason of a summary", summary->reason);
    if (!self.complete_ && summary->reason.size == 0)
      self.transcript_.note("SH-P-72", "a summary is not complete and gives no reason");
    return self.begin("summary", 1, true);
  };
}

scanhost_status ScanSink::begin(const char* function, std::uint64_t count, bool is_summary) {
  ++calls_;
  if (std::this_thread::get_id() != thread_)
    transcript_.note("SH-P-06", std::string(function) + " was called on another thread");
  if (refusal_) {
    transcript_.note("SH-P-05", std::string(function) + " was called after the sink refused");
    return *refusal_;
  }
  if (summaries_ > 0)
    transcript_.note("SH-P-72", std::string(function) + " was called after the summary");
  if (is_summary) ++summaries_;
  if (count > shape_.max_batch)
    transcript_.note("SH-P-73", std::string(function) + " was given " + std::to_string(count) +
                                    " records; max_batch is " + std::to_string(shape_.max_batch));
  if (!shape_.on_call) return SCANHOST_OK;
  const scanhost_status answer = shape_.on_call(calls_);
  if (answer != SCANHOST_OK) refusal_ = answer;
  return answer;
}

void ScanSink::readText(const char* name, scanhost_text text,
                        const std::set<std::string>& truncated) {
  transcript_.noteText(name, text);
  if (text.size > shape_.max_text)
    transcript_.note("SH-P-73", std::string(name) + " of a finding has " +
                                    std::to_string(text.size) + " bytes; max_text is " +
                                    std::to_string(shape_.max_text));
  if (truncated.count(name)) ++cut_texts_;
}

void ScanSink::read(const scanhost_finding* record) {
  ++findings_;
  if (!record || !SCANHOST_HAS(record, scanhost_finding, truncated)) {
    transcript_.note("SH-P-07", "a finding's struct_size does not cover its fields");
    return;
  }
  if (record->severity < SCANHOST_SEVERITY_INFO || record->severity > SCANHOST_SEVERITY_CRITICAL)
    transcript_.note("SH-P-73", "a finding has severity " + std::to_string(record->severity));
  if (record->check_id.size == 0) transcript_.note("SH-P-74", "a finding has no check_id");
  std::set<std::string> truncated;
  for (const std::string& name : toStrings(record->truncated)) truncated.insert(name);
  const std::pair<const char*, scanhost_text> texts[] = {{"host", record->host},
                                                         {"service", record->service},
                                                         {"check_id", record->check_id},
                                                         {"check_name", record->check_name},
                                                         {"family", record->family},
                                                         {"synopsis", record->synopsis},
                                                         {"description", record->description},
                                                         {"solution", record->solution},
                                                         {"see_also", record->see_also},
                                                         {"output", record->output}};
  for (const auto& [name, text] : texts) readText(name, text, truncated);
  identities_.insert(toString(record->check_id) + " | " + toString(record->check_key) + " | " +
                     toString(record->host) + " | " + toString(record->port) + "/" +
                     toString(record->protocol));
}

}  // namespace scanhost::conformance
