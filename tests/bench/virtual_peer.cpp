// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/virtual_peer.h"

namespace scanhost::bench {
namespace {

class CountingPeer : public VirtualPeer {
 public:
  void flush(const void*) override { count_ = count_ + 1; }

 private:
  volatile std::uint64_t count_ = 0;
};

}  // namespace

std::unique_ptr<VirtualPeer> makeVirtualPeer() {
  return std::make_unique<CountingPeer>();
}

}  // namespace scanhost::bench
