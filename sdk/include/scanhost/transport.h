// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The base class of transports. abi/transport.h states what each function must do.
#ifndef SCANHOST_TRANSPORT_H
#define SCANHOST_TRANSPORT_H

#include <string_view>

#include "abi/transport.h"
#include "plugin.h"

namespace scanhost {
inline namespace v1 {

class Transport : public Instance {
 public:
  /// End idle streams, begin nothing new, let requests finish.
  virtual void drain(Call&) {}

  static constexpr std::string_view interfaceId() noexcept { return SCANHOST_TRANSPORT_ID; }
  template <class Plugin>
  static const scanhost_interface* interfaceTable() noexcept {
    static const scanhost_transport table = [] {
      scanhost_transport made{};
      made.base = detail::interfaceHead<Transport, Plugin>(sizeof(scanhost_transport),
                                                           SCANHOST_TRANSPORT_REVISION);
      made.drain = [](void* self, const scanhost_call* call) noexcept {
        detail::guarded(call,
                        [&](Call& context) { static_cast<Transport*>(self)->drain(context); });
      };
      return made;
    }();
    return &table.base;
  }
};

}  // namespace v1
}  // namespace scanhost

#endif
