// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/findings/line_writer.h"

namespace scanhost {

LineWriter::LineWriter(std::size_t limit, TextChunkSink sink, std::size_t chunk)
    : limit_(limit), chunk_(chunk), sink_(std::move(sink)) {}

Status LineWriter::write(std::string_view line) {
  const std::size_t added = line.size() + (bytes_ > 0);
  if (overflowed_ || added > limit_ - bytes_) {
    overflowed_ = true;
    return fail(ErrorClass::unsupported,
                "the answer would exceed " + std::to_string(limit_) +
                    " bytes (limits.response_bytes); ask for a page, fewer fields, or a filter");
  }
  if (bytes_ > 0) held_ += '\n';
  held_ += line;
  bytes_ += added;
  return held_.size() >= chunk_ ? pass() : Status();
}

Status LineWriter::finish() {
  return held_.empty() ? Status() : pass();
}

Status LineWriter::pass() {
  const Status passed = sink_(held_);
  held_.clear();
  return passed;
}

}  // namespace scanhost
