// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/kill_switch.h"

#include <fcntl.h>
#include <scanhost/json.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "host/base/durable_file.h"
#include "host/base/unique_fd.h"

namespace scanhost {
namespace {

constexpr std::size_t most_bytes = 4096;

bool mayExist(const std::filesystem::path& file) {
  struct stat info {};
  return lstat(file.c_str(), &info) == 0 || errno != ENOENT;
}

/// A full disk may still have room for a name.
Status makeEmpty(const std::filesystem::path& file) {
  const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd && syncFolder(file.parent_path())) return {};
  return fail(ErrorClass::transient, file.string() + ": " + std::strerror(errno),
              ErrorSubject::backend);
}

}  // namespace

bool KillSwitch::engaged() const {
  if (mayExist(file_)) return true;
  const std::lock_guard lock(mutex_);
  return unstored_;
}

KillSwitch::State KillSwitch::state() const {
  State state;
  state.engaged = engaged();
  std::string text(most_bytes, '\0');
  std::ifstream in(file_, std::ios::binary);
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  const auto told =
      Json::tryParse(std::string_view(text).substr(0, static_cast<std::size_t>(in.gcount())));
  if (!state.engaged || !told || !told->isObject()) return state;
  state.caller = (*told)["caller"].asString();
  state.reason = (*told)["reason"].asString();
  if (const auto since = parseTimestamp((*told)["since"].asString())) state.since = *since;
  return state;
}

Status KillSwitch::engage(const std::string& caller, const std::string& reason) {
  const bool before = engaged();
  {
    const std::lock_guard lock(mutex_);
    unstored_ = true;
  }
  State now{true, caller, reason, Timestamp::now()};
  Status stored;
  if (!before || !state().since.micros) {
    stored = writeDurably(
        file_,
        Json::object(
            {{"caller", caller}, {"reason", reason}, {"since", formatTimestamp(now.since)}})
                .dump() +
            "\n",
        0600);
    if (!stored) stored = makeEmpty(file_);
  }
  {
    const std::lock_guard lock(mutex_);
    unstored_ = !stored;
  }
  tell(std::move(now));
  return stored;
}

Status KillSwitch::release(const std::string& caller) {
  std::error_code error;
  std::filesystem::remove(file_, error);
  if (error || !syncFolder(file_.parent_path()))
    return fail(ErrorClass::transient,
                file_.string() + " cannot be removed: " +
                    (error ? error.message() : std::string(std::strerror(errno))),
                ErrorSubject::backend);
  {
    const std::lock_guard lock(mutex_);
    unstored_ = false;
  }
  tell({false, caller, "", Timestamp::now()});
  return {};
}

void KillSwitch::look() {
  tell(state());
}

void KillSwitch::tell(State now) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(told_, now.engaged) == now.engaged) return;
  }
  if (on_changed_) on_changed_(now);
}

}  // namespace scanhost
