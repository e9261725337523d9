// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What exporter_bench.cpp does, behind a virtual call within one program.
#pragma once

#include <cstdint>
#include <memory>

namespace scanhost::bench {

class VirtualPeer {
 public:
  virtual ~VirtualPeer() = default;
  virtual void flush(const void* call) = 0;
};

/// Of a class that the caller's compiler does not see.
std::unique_ptr<VirtualPeer> makeVirtualPeer();

}  // namespace scanhost::bench
