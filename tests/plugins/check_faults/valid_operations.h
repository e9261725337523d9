// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A whole provider of one operation, "echo". Each .cpp file beside this one defines what it gets
/// wrong, one thing, and includes it.
#include <scanhost/operations.h>
#include <scanhost/plugin.h>

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#ifndef OPERATION_NAME
#define OPERATION_NAME "echo"
#endif
#ifndef DESCRIPTION
#define DESCRIPTION "Answers that it was asked."
#endif
#ifndef CHECK_CURSOR
#define CHECK_CURSOR \
  if (!cursor.empty()) throw PluginError(ErrorClass::unsupported, "the list has one page")
#endif
#ifndef ANSWER
#define ANSWER reply.result(Json::object({{"asked", true}}))
#endif
#ifndef REFUSE
#define REFUSE reply.refuse("unknown", "there is no such thing")
#endif

namespace {

using namespace scanhost;

constexpr char manifest[] = R"json({
  "name": ")json" PLUGIN_NAME R"json(", "version": "1.0.0", "vendor": "Example Ltd",
  "licence": "MIT", "abi": {"major": 1},
  "provides": [{"interface": "scanhost.operations/1"}],
  "max_parallel": 8})json";

class FaultyOperations : public OperationProvider {
 public:
  explicit FaultyOperations(const Settings&) {}

  void list(ListPage& page, ListKind what, const scanhost_caller&, std::string_view cursor,
            Call&) override {
    CHECK_CURSOR;
    (void)cursor;
    if (what == ListKind::operations)
      page.add(OperationInfo{OPERATION_NAME,
                             "Echo",
                             DESCRIPTION,
                             R"({"type":"object"})",
                             {},
                             SCANHOST_OPERATION_READ_ONLY});
  }
  void request(const OperationRequest& request, Reply reply, const Call& call) override {
    const bool known = request.kind == RequestKind::operation && request.name == "echo";
    (void)call;
    if (known) {
      ANSWER;
    } else {
      REFUSE;
    }
  }

 private:
  /// Holds a reply for ever.
  void keep(Reply reply) {
    const std::lock_guard<std::mutex> lock(mutex_);
    static std::vector<Reply>& kept = *new std::vector<Reply>();
    kept.push_back(std::move(reply));
  }
  std::mutex mutex_;
  std::atomic<int> lists_{0};
};

}  // namespace

SCANHOST_PLUGIN(manifest, FaultyOperations)
