// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The least size of a struct that a plugin makes: of a stable one as it was first released, so
/// that a plugin built before the struct grew is still read; of a draft as it is.
///
/// Who adds a field to a struct named here leaves its number alone, and reads the field only where
/// SCANHOST_HAS says that it is there.
#pragma once

#include <cstdint>

#include "sdk/abi/stable.h"

namespace scanhost {

template <class Struct>
inline constexpr std::uint32_t released_size = sizeof(Struct);

#define SCANHOST_RELEASED_SIZE(type, size)                     \
  template <>                                                  \
  inline constexpr std::uint32_t released_size<type> = (size); \
  static_assert(sizeof(type) >= (size), #type " only grows")

// ABI 1.0
SCANHOST_RELEASED_SIZE(scanhost_scanner_local, 64);
SCANHOST_RELEASED_SIZE(scanhost_scanner_remote, 128);
SCANHOST_RELEASED_SIZE(scanhost_scanner_description, 48);
SCANHOST_RELEASED_SIZE(scanhost_scanner_health, 48);
SCANHOST_RELEASED_SIZE(scanhost_finding, 536);
SCANHOST_RELEASED_SIZE(scanhost_host_report, 48);
SCANHOST_RELEASED_SIZE(scanhost_scan_summary, 56);
SCANHOST_RELEASED_SIZE(scanhost_remote_state, 104);
SCANHOST_RELEASED_SIZE(scanhost_queue, 184);
SCANHOST_RELEASED_SIZE(scanhost_task, 336);
SCANHOST_RELEASED_SIZE(scanhost_queue_counts, 56);
SCANHOST_RELEASED_SIZE(scanhost_instance_state, 64);
SCANHOST_RELEASED_SIZE(scanhost_queue_change, 32);
SCANHOST_RELEASED_SIZE(scanhost_durability, 32);

// ABI 1.1
SCANHOST_RELEASED_SIZE(scanhost_transport, 48);
SCANHOST_RELEASED_SIZE(scanhost_http_route, 56);
SCANHOST_RELEASED_SIZE(scanhost_http_stream_options, 56);
SCANHOST_RELEASED_SIZE(scanhost_http_deferred_options, 24);
SCANHOST_RELEASED_SIZE(scanhost_operations, 56);
SCANHOST_RELEASED_SIZE(scanhost_operation, 88);
SCANHOST_RELEASED_SIZE(scanhost_resource, 96);
SCANHOST_RELEASED_SIZE(scanhost_prompt, 72);
SCANHOST_RELEASED_SIZE(scanhost_content, 120);
SCANHOST_RELEASED_SIZE(scanhost_reply_task, 128);
SCANHOST_RELEASED_SIZE(scanhost_request, 112);
SCANHOST_RELEASED_SIZE(scanhost_invocation, 136);
SCANHOST_RELEASED_SIZE(scanhost_watch, 64);

// ABI 1.2
SCANHOST_RELEASED_SIZE(scanhost_exporter, 80);

#undef SCANHOST_RELEASED_SIZE

}  // namespace scanhost
