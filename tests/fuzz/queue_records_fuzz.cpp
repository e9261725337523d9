// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A task's record as a queue plugin hands it over the ABI: numbers of any value, texts of any
/// bytes. It becomes a value that, lent back, is the same record, or is refused by name.
#include <scanhost/queue.h>

#include <cstring>

#include "tests/fuzz/fuzz_target.h"

namespace scanhost::fuzz {
namespace {

/// Fills what it is given from the front of the input; zeros when that is used up.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

  template <class Number>
  void fill(Number& number) {
    const std::size_t count = std::min(sizeof number, bytes_.size());
    std::memcpy(&number, bytes_.data(), count);
    bytes_.remove_prefix(count);
  }
  scanhost_text text() {
    std::uint8_t length = 0;
    fill(length);
    const std::string_view taken = bytes_.substr(0, length);
    bytes_.remove_prefix(taken.size());
    return toText(taken);
  }

 private:
  std::string_view bytes_;
};

scanhost_task recordFrom(Bytes bytes) {
  scanhost_task record{};
  record.struct_size = sizeof record;
  std::uint8_t state = 0;
  bytes.fill(state);
  record.state = state % 8 - 1;
  bytes.fill(record.flags);
  bytes.fill(record.error_class);
  bytes.fill(record.created_us);
  bytes.fill(record.started_us);
  bytes.fill(record.completed_us);
  bytes.fill(record.delay_ns);
  bytes.fill(record.attempt);
  bytes.fill(record.takeovers);
  bytes.fill(record.launch);
  bytes.fill(record.epoch);
  bytes.fill(record.token);
  bytes.fill(record.lease_left_ns);
  bytes.fill(record.position);
  QueuedTask names;
  detail::visitTaskTexts(names, record,
                         [&](std::string&, scanhost_text& text) { text = bytes.text(); });
  return record;
}

void checkRoundTrip(const QueuedTask& task) {
  const scanhost_task lent = detail::lend(task);
  const QueuedTask again = detail::own(lent);
  require(again.id == task.id && again.submission == task.submission &&
              again.progress == task.progress && again.state == task.state &&
              again.epoch == task.epoch && again.token == task.token && again.delay == task.delay &&
              again.error_class == task.error_class && again.flags.bits() == task.flags.bits(),
          "a record lent back is the same");
}

}  // namespace
}  // namespace scanhost::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace scanhost;
  const scanhost_task record = fuzz::recordFrom(fuzz::Bytes(fuzz::asText(bytes, size)));
  try {
    fuzz::checkRoundTrip(detail::own(record));
  } catch (const PluginError& error) {
    fuzz::require(record.state < SCANHOST_TASK_QUEUED || record.state > SCANHOST_TASK_CANCELLED,
                  "only an unknown state is refused");
  }
  return 0;
}
