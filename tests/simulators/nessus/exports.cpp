// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/exports.h"

#include <algorithm>
#include <cctype>

#include "host/base/random.h"
#include "tests/simulators/nessus/report_writer.h"

namespace scanhost::simulator {

std::string Export::fileName() const {
  std::string name;
  for (const char c : scan_name)
    name += std::isalnum(static_cast<unsigned char>(c)) || c == '-' ? c : '_';
  return name + "_" + token.substr(0, 6) + "." + format;
}

std::function<void(std::ostream&)> Export::writer() const {
  auto* write = format == "csv" ? &writeCsv : format == "html" ? &writeHtml : &writeNessus;
  return [write, kept = report, count = hosts](std::ostream& out) { write(*kept, count, out); };
}

bool Exports::knows(const std::string& format) {
  return format == "nessus" || format == "csv" || format == "html" || format == "pdf";
}

const Export& Exports::add(Export made, Timestamp now) {
  forgetOld(now);
  const auto bytes = randomBytes<4>();
  made.file = (bytes[0] << 16 | bytes[1] << 8 | bytes[2]) * 64 +
              static_cast<std::int64_t>(exports_.size() % 64);
  made.token = toHex(randomBytes<32>());
  made.made = now;
  return exports_.emplace_back(std::move(made));
}

const Export* Exports::findFile(std::int64_t scan_id, std::int64_t file, Timestamp now) {
  forgetOld(now);
  for (const Export& each : exports_)
    if (each.scan_id == scan_id && each.file == file) return &each;
  return nullptr;
}

const Export* Exports::findToken(const std::string& token, Timestamp now) {
  forgetOld(now);
  for (const Export& each : exports_)
    if (each.token == token) return &each;
  return nullptr;
}

void Exports::forgetOld(Timestamp now) {
  const auto kept = std::chrono::microseconds(kept_).count();
  std::erase_if(exports_, [&](const Export& each) { return now.micros - each.made.micros > kept; });
}

}  // namespace scanhost::simulator
