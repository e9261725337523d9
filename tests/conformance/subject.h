// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The plugin under check, and an instance of it.
#pragma once

#include <scanhost/abi/plugin.h>
#include <scanhost/json.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/tool/inspect.h"
#include "tests/conformance/backend.h"
#include "tests/conformance/check_call.h"
#include "tests/conformance/check_host.h"
#include "tests/conformance/recording.h"
#include "tests/support/folder.h"

namespace scanhost::conformance {

struct SubjectOptions {
  std::string file;
  Json settings = Json::object();  ///< as the vendor gave them, with placeholders
  std::uint64_t seed = 1;
  std::string recording;  ///< file of `scanhost-plugin record`; empty: none
  /// Hears of each step, so that a crash can be told with what was done last.
  std::function<void(const std::string&)> on_step = [](const std::string&) {};
};

class Subject {
 public:
  Subject(SubjectOptions options, const Inspection& inspection);

  const SubjectOptions& options() const { return options_; }
  const Inspection& inspection() const { return inspection_; }
  const Manifest& manifest() const { return inspection_.manifest; }
  bool provides(std::string_view interface_id) const;
  /// The interfaces that it provides and this SDK knows.
  std::vector<std::string> interfaces() const;

  /// What is done now.
  void step(const std::string& what) const { options_.on_step(what); }

  /// The handle of dlopen. Throws Breach when it cannot be loaded.
  void* library();
  /// What the entry answers to this host. Throws Breach when it is null.
  const scanhost_plugin* enter(CheckHost& host);
  /// Throws Breach when there is none.
  const scanhost_interface* table(CheckHost& host, const std::string& interface_id);

  /// The settings for one instance: placeholders replaced, defaults filled in.
  Json settings(const std::string& folder, const std::string& unique) const;
  bool mentions(std::string_view placeholder) const;

  /// What was recorded; null when there is nothing.
  const Recording* recording() const { return recording_ ? &*recording_ : nullptr; }
  /// Plays what was recorded, for the whole case: programs, and a backend where the settings ask
  /// for one by ${backend}. Throws std::runtime_error when the recording cannot be read.
  void playRecording();
  /// Another backend from the beginning, in place of the one before.
  Backend& playBackend(std::optional<BackendFault> fault = {});
  /// The real one, at another address.
  void useBackend(const std::string& url, const std::string& fingerprint);
  Backend* backend() const { return backend_.get(); }

  /// How programs run: as recorded, or really.
  ProgramRunner programs = {};

 private:
  void replace(const std::string& placeholder, const std::string& with);

  const SubjectOptions options_;
  const Inspection& inspection_;
  int fd_ = -1;  ///< stays open as long as the library
  void* library_ = nullptr;
  std::vector<std::pair<std::string, std::string>> replacements_;
  std::optional<Recording> recording_;
  std::unique_ptr<Backend> backend_;
};

struct InstanceShape {
  std::string name = "checked";
  CallShape call = {};
  std::optional<Json> settings = {};  ///< instead of the subject's
};

/// An instance from create to destroy. What was passed to a call cannot be read after it.
class Instance {
 public:
  Instance(Subject& subject, CheckHost& host, const std::string& interface_id,
           InstanceShape shape = {});
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  /// Ends what is left of it, as the host would.
  ~Instance();

  Outcome create();
  Outcome start();
  /// With a call that was cancelled before it began.
  Outcome startCancelled();
  void stop();
  void destroy();
  /// create and start; throws Breach when either fails.
  Instance& work();

  /// One call: `invoke` takes the scanhost_call* and answers the plugin's status.
  template <class Invoke>
  Outcome call(std::string function, Invoke&& invoke) {
    subject_.step(function);
    CheckCall call(host_.transcript(), shape_.call);
    const std::int32_t status = invoke(call.abi());
    return call.outcome(status, std::move(function));
  }

  Subject& subject() { return subject_; }
  CheckHost& host() { return host_; }
  const std::string& interfaceId() const { return interface_id_; }
  void* self() const { return self_; }
  const std::string& folder() const { return folder_path_; }
  template <class Table>
  const Table& table() const {
    return *reinterpret_cast<const Table*>(table_);
  }

 private:
  enum class State { nothing, created, started, failed, stopped };

  Subject& subject_;
  CheckHost& host_;
  const std::string interface_id_;
  const InstanceShape shape_;
  const scanhost_interface* table_;
  testing_support::Folder folder_;
  std::string folder_path_;
  std::string unique_;
  void* self_ = nullptr;
  State state_ = State::nothing;
};

/// Uses a started instance a little, as far as its kind allows without a backend's help.
void exercise(Instance& instance);

/// "started, worked, stopped and destroyed" for each interface of the plugin.
void liveOnce(Subject& subject, CheckHost& host, const std::string& interface_id,
              InstanceShape shape = {});

/// Throws Breach when the outcome is a failure.
const Outcome& mustDo(const Outcome& outcome, const std::string& remedy);

}  // namespace scanhost::conformance
