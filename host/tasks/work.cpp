// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/tasks/work.h"

namespace scanhost {
namespace {

/// The next try, which another node may make.
constexpr std::chrono::seconds soon{1};

Status notHere(std::string message) {
  return tl::unexpected(Error{ErrorClass::busy, std::move(message), ErrorSubject::backend, soon});
}

Status ledgerRefuses(const std::string& why) {
  return notHere("the audit ledger cannot be written: " + why);
}

}  // namespace

Status Work::checkLaunches() const {
  if (const Status room = disk.check(); !room) return notHere(room.error().message);
  if (const std::string trouble = ledger ? ledger->failure() : ""; !trouble.empty())
    return ledgerRefuses(trouble);
  return checkKillSwitch();
}

Status Work::writeDown(AuditEntry entry) const {
  if (!ledger) return {};
  const Status written = ledger->append(std::move(entry));
  return written ? Status() : ledgerRefuses(written.error().message);
}

Status Work::checkKillSwitch() const {
  if (!kill_switch || !kill_switch->engaged()) return {};
  return notHere("the kill switch of this node is on");
}

}  // namespace scanhost
