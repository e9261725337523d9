// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Providers of operations: what they list, and that every request ends, once.
#include <scanhost/operations.h>
#include <scanhost/text.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>

#include "tests/conformance/check_case.h"
#include "tests/conformance/subject.h"

namespace scanhost::conformance {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 2s;
constexpr std::size_t most_pages = 100;

/// A provider at work, and who asks it.
struct Working {
  explicit Working(Subject& subject)
      : host({}, subject.programs), instance(subject, host, SCANHOST_OPERATIONS_ID) {
    instance.work();
    caller.struct_size = sizeof caller;
    caller.subject = toText("checker");
    caller.roles = {&role, 1};
  }
  const scanhost_operations& table() const { return instance.table<scanhost_operations>(); }

  /// One page; Breach when it fails.
  Outcome page(ListKind what, const std::string& cursor, ListedPage& told) {
    return instance.call("list", [&](const scanhost_call* call) {
      detail::PageGatherer gathered(told);
      return table().list(instance.self(), call, static_cast<std::int32_t>(what), &caller,
                          toText(cursor), gathered.sink());
    });
  }

  /// All pages; a provider whose pages do not end breaks its promise.
  ListedPage all(ListKind what) {
    ListedPage told;
    for (std::size_t pages = 0; pages < most_pages; ++pages) {
      const std::string cursor = told.next.value_or("");
      told.next.reset();
      mustDo(page(what, cursor, told), "list what there is");
      if (!told.next) return told;
    }
    throw Breach("its list goes on after " + std::to_string(most_pages) + " pages", "an end",
                 "call next only when there is more");
  }

  const scanhost_text role = toText("operator");
  scanhost_caller caller{};
  CheckHost host;
  Instance instance;
};

/// How a reply came to its end, or that it did not.
struct Ending {
  std::mutex mutex;
  std::condition_variable changed;
  std::string reason;  ///< of a refusal
  int ends = 0;
  bool late = false;  ///< something came after the end
};

/// A reply in C, which outlives its end, so that a second one is seen and harms nothing.
struct CountedReply {
  static scanhost_reply of(Ending& ending) {
    return {sizeof(scanhost_reply),
            0,
            &ending,
            [](void* context, double, double, scanhost_text) { within(context); },
            [](void* context, std::int32_t, scanhost_text, scanhost_text) { within(context); },
            [](void* context, const scanhost_content*, scanhost_bytes, std::int32_t) {
              within(context);
              return scanhost_status{SCANHOST_OK};
            },
            [](void* context, scanhost_text, std::int32_t) { end(context, {}); },
            [](void* context, scanhost_text, scanhost_bytes) { end(context, {}); },
            [](void* context, const scanhost_reply_task*) { end(context, {}); },
            [](void* context, scanhost_texts, std::int64_t, std::int32_t) { end(context, {}); },
            [](void* context, scanhost_text reason, scanhost_text, scanhost_text) {
              end(context, toString(reason));
            }};
  }

 private:
  static void within(void* context) {
    auto& ending = *static_cast<Ending*>(context);
    const std::lock_guard lock(ending.mutex);
    if (ending.ends > 0) ending.late = true;
  }
  static void end(void* context, std::string reason) {
    auto& ending = *static_cast<Ending*>(context);
    const std::lock_guard lock(ending.mutex);
    if (ending.ends++ == 0) ending.reason = std::move(reason);
    ending.changed.notify_all();
  }
};

/// Asks, waits for the end, and a moment longer for what must not follow. `cancel` at once.
std::string ask(Working& provider, RequestKind kind, const std::string& name,
                const std::string& arguments, bool cancel = false) {
  // Never freed: a provider that breaks its promise may come back to it.
  auto& ending = *new Ending();
  const std::string what = "the request of \"" + name.substr(0, 60) + "\"";
  provider.instance.subject().step(what);
  CheckCall call(provider.host.transcript());
  {
    const GuardedMemory lent_name(name), lent_arguments(arguments);
    scanhost_request request{};
    request.struct_size = sizeof request;
    request.kind = static_cast<std::int32_t>(kind);
    request.log_level = -1;
    request.name = lent_name.text();
    request.arguments = lent_arguments.text();
    request.caller = &provider.caller;
    request.client = toText("{}");
    request.task_ttl_ms = -1;
    const scanhost_reply reply = CountedReply::of(ending);
    if (cancel) call.cancel();
    provider.table().request(provider.instance.self(), call.abi(), &request, &reply);
  }
  std::unique_lock lock(ending.mutex);
  if (!ending.changed.wait_for(lock, patience, [&] { return ending.ends > 0; })) {
    if (!cancel) {
      lock.unlock();
      call.cancel();
      lock.lock();
      ending.changed.wait_for(lock, patience, [&] { return ending.ends > 0; });
    }
    if (ending.ends == 0)
      throw Breach(what + " was not ended, though its call was cancelled",
                   "an end within " + std::to_string(patience.count()) + " seconds",
                   "end every reply, with refuse if there is nothing to say");
  }
  ending.changed.wait_for(lock, 20ms, [&] { return ending.ends > 1; });
  if (ending.ends > 1 || ending.late)
    throw Breach(what + " was ended, and went on", "nothing after the end",
                 "give the reply up with its end");
  return ending.reason;
}

void listsTheSameTwice(Subject& subject) {
  Working provider(subject);
  for (const ListKind what :
       {ListKind::operations, ListKind::resources, ListKind::templates, ListKind::prompts}) {
    const auto names = [&] {
      const ListedPage page = provider.all(what);
      std::vector<std::string> found;
      for (const auto& item : page.operations) found.push_back(item.name);
      for (const auto& item : page.resources) found.push_back(item.uri);
      for (const auto& item : page.prompts) found.push_back(item.name);
      return found;
    };
    const std::vector<std::string> first = names(), second = names();
    if (first != second)
      throw Breach("two lists in a row differ", "the same in the same order",
                   "list in a stable order");
    if (std::set<std::string>(first.begin(), first.end()).size() != first.size())
      throw Breach("a name is listed twice", "each once", "give each a name of its own");
  }
}

bool isOperationName(const std::string& name) {
  constexpr std::string_view allowed =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
  return !name.empty() && name.size() <= 64 && name.find_first_not_of(allowed) == name.npos;
}

void describesItsOperations(Subject& subject) {
  Working provider(subject);
  for (const OperationInfo& operation : provider.all(ListKind::operations).operations) {
    if (!isOperationName(operation.name))
      throw Breach("an operation is called \"" + operation.name.substr(0, 80) + "\"",
                   "1 to 64 of A-Z a-z 0-9 _ - .", "rename it");
    const auto schema = Json::tryParse(operation.input_schema);
    if (!schema || (*schema)["type"].asString() != "object")
      throw Breach("the input_schema of " + operation.name + " is no schema of an object",
                   "JSON Schema whose root has type object",
                   "write {\"type\":\"object\"} at least");
    if (!operation.output_schema.empty() && !Json::tryParse(operation.output_schema))
      throw Breach("the output_schema of " + operation.name + " is no JSON", "JSON Schema",
                   "mend it, or leave it out");
    if (operation.description.empty())
      throw Breach(operation.name + " has no description", "what it does, for models and people",
                   "describe it");
  }
  for (const PromptInfo& prompt : provider.all(ListKind::prompts).prompts)
    if (!prompt.arguments.empty() && !Json::tryParse(prompt.arguments).value_or(Json()).isArray())
      throw Breach("the arguments of the prompt " + prompt.name + " are no list", "a JSON array",
                   "write [{\"name\": ...}]");
}

void refusesAForeignCursor(Subject& subject) {
  Working provider(subject);
  ListedPage told;
  const Outcome outcome = provider.page(ListKind::operations, "never-given", told);
  if (outcome.status != SCANHOST_ERROR_UNSUPPORTED)
    throw Breach("a cursor that it never gave was answered with " + className(outcome.status),
                 "unsupported", "check the cursor");
}

/// What a stranger may send, to everything that is listed.
void endsEveryRequestOnce(Subject& subject) {
  Working provider(subject);
  static const std::vector<std::string> arguments = {
      "",
      "{}",
      "null",
      "[]",
      "{",
      "\"x\"",
      R"({"a":{"b":[1,2,null]}})",
      std::string(1000, '['),
      std::string("\xff\x00\xfe", 3),
      "{\"x\":\"" + std::string(100'000, 'x') + "\"}"};
  const auto ask_all = [&](RequestKind kind, const std::string& name) {
    for (const std::string& text : arguments) ask(provider, kind, name, text);
  };
  for (const OperationInfo& operation : provider.all(ListKind::operations).operations) {
    const bool reaches_out = operation.has(SCANHOST_OPERATION_DESTRUCTIVE) ||
                             operation.has(SCANHOST_OPERATION_OPEN_WORLD);
    if (!reaches_out) ask_all(RequestKind::operation, operation.name);
  }
  for (const ResourceInfo& resource : provider.all(ListKind::resources).resources)
    ask(provider, RequestKind::resource, resource.uri, "");
  for (const PromptInfo& prompt : provider.all(ListKind::prompts).prompts) {
    ask_all(RequestKind::prompt, prompt.name);
    ask(provider, RequestKind::completion, prompt.name, R"({"argument":"x","value":"y"})");
  }
}

void refusesWhatItDoesNotHave(Subject& subject) {
  Working provider(subject);
  for (const RequestKind kind : {RequestKind::operation, RequestKind::resource, RequestKind::prompt,
                                 RequestKind::task, RequestKind::task_cancel})
    for (const std::string name : {"", "never-listed-7f3a", "../../etc/passwd"}) {
      const std::string reason = ask(provider, kind, name, "{}");
      if (reason != "unknown")
        throw Breach("what it does not have was answered, or refused as \"" + reason + "\"",
                     "refused as \"unknown\"", "refuse every name that was not listed");
    }
}

void endsWhatIsCancelled(Subject& subject) {
  Working provider(subject);
  for (const OperationInfo& operation : provider.all(ListKind::operations).operations)
    if (operation.has(SCANHOST_OPERATION_READ_ONLY))
      ask(provider, RequestKind::operation, operation.name, "{}", true);
}

}  // namespace

std::vector<Case> operationsCases() {
  const std::vector<std::string> operations = {SCANHOST_OPERATIONS_ID};
  return {
      {"operations.lists",
       "It lists the same twice, each name once, and its pages end.",
       {"SH-P-107"},
       listsTheSameTwice,
       operations},
      {"operations.described",
       "Every operation has a name, a description and a schema that clients can use.",
       {"SH-P-107"},
       describesItsOperations,
       operations},
      {"operations.cursor",
       "A cursor that it never gave is refused.",
       {"SH-P-107"},
       refusesAForeignCursor,
       operations},
      {"operations.answers",
       "It ends every request once, whatever is in it.",
       {"SH-P-103", "SH-P-104"},
       endsEveryRequestOnce,
       operations},
      {"operations.unknown",
       "What it does not have is refused as unknown.",
       {"SH-P-107"},
       refusesWhatItDoesNotHave,
       operations},
      {"operations.cancelled",
       "A cancelled request ends soon.",
       {"SH-P-103"},
       endsWhatIsCancelled,
       operations},
  };
}

}  // namespace scanhost::conformance
