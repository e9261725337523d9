// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The manager's answers: reports and lists are read or refused, the same however they are cut.
#include "plugins/scanner/greenbone/report_reader.h"
#include "plugins/scanner/greenbone/task_state.h"
#include "tests/fuzz/scan_sink.h"

namespace scanhost::greenbone {
namespace {

struct Outcome {
  bool read = false;
  std::string told;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

template <class Reader>
bool feed(Reader& reader, std::string_view xml, std::size_t step) {
  try {
    for (std::size_t at = 0; at < xml.size(); at += step) reader.feed(xml.substr(at, step));
    return reader.isDone();
  } catch (const PluginError&) {
    return false;
  }
}

Outcome readReport(std::string_view xml, std::size_t step) {
  fuzz::ScanSink told;
  FindingSink sink(told.abi());
  ReportReader reader(sink, TellHosts::yes, 1u << 24);
  const bool done = feed(reader, xml, step);
  sink.flush();
  return {done, told.told() + reader.totals().run_status};
}

Outcome readTasks(std::string_view xml, std::size_t step) {
  Outcome outcome;
  EntityReader reader("task", taskFields(), [&](const Fields& task) {
    const RemoteState state = taskState(task);
    fuzz::require(state.percent >= -1 && state.percent <= 100, "progress is a percentage");
    outcome.told += state.reference + " " + state.marker + " " + state.run_id + "\n";
  });
  outcome.read = feed(reader, xml, step);
  return outcome;
}

}  // namespace
}  // namespace scanhost::greenbone

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  const std::string_view xml = fuzz::asText(bytes, size);
  const auto report = greenbone::readReport(xml, size + 1);
  if (report.read)
    fuzz::require(report == greenbone::readReport(xml, 11),
                  "a report says the same when it is cut");
  const auto tasks = greenbone::readTasks(xml, size + 1);
  if (tasks.read)
    fuzz::require(tasks == greenbone::readTasks(xml, 11), "a list says the same when it is cut");
  return 0;
}
