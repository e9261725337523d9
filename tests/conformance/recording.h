// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A recording: what a backend answered over HTTP, and what programs wrote, as JSON lines
/// (docs/reference/recording-format.md). Holds no secret that the redaction knows.
#pragma once

#include <scanhost/json.h>

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/base/result.h"

namespace scanhost::conformance {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

struct RecordedExchange {
  std::string method, path;  ///< the path with its query
  HeaderList request_headers;
  std::string request_body;
  int status = 0;
  HeaderList response_headers;
  std::string response_body;
  std::int64_t delay_ms = 0;  ///< until the answer began
};

struct RecordedRun {
  std::string program;
  std::vector<std::string> arguments;
  std::string output, error_output;
  int exit_code = 0, signal = 0;
};

struct Recording {
  std::vector<RecordedExchange> exchanges;
  std::vector<RecordedRun> runs;
  /// "[scanhost:<task id>/<launch>]" as it stands in the exchanges; empty when there is none.
  std::string marker() const;
};

/// Every refusal names the line.
Result<Recording> readRecording(const std::string& file);

/// The first line of a file, and one for each part, without a newline.
std::string headerLine();
std::string exchangeLine(const RecordedExchange& exchange);
std::string runLine(const RecordedRun& run);

/// Takes secrets out, one conversation long: what was a secret once is the same word everywhere
/// after, so that a token which comes back in a path still fits.
class Redactor {
 public:
  RecordedExchange redacted(RecordedExchange exchange);

 private:
  void learnHeaders(const HeaderList& headers);
  void learnBody(const std::string& body);
  void learnMembers(const Json& value);
  void learn(const std::string& secret);
  void apply(std::string& text) const;

  std::map<std::string, std::string, std::greater<>> words_;  ///< secret -> what stands for it
};

}  // namespace scanhost::conformance
