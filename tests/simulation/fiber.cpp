// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/fiber.h"

#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace scanhost::simulation {
namespace {

constexpr std::size_t stack_size = 512u << 10;

/// Stacks are used again: a run makes thousands of fibers, a few at a time.
std::vector<std::unique_ptr<char[]>>& idleStacks() {
  static std::vector<std::unique_ptr<char[]>> idle;
  return idle;
}

std::unique_ptr<char[]> takeStack() {
  auto& idle = idleStacks();
  if (idle.empty()) return std::unique_ptr<char[]>(new char[stack_size]);
  auto stack = std::move(idle.back());
  idle.pop_back();
  return stack;
}

}  // namespace

Fiber::Fiber(std::function<void()> body) : body_(std::move(body)), stack_(takeStack()) {
  if (getcontext(&own_) != 0) throw std::runtime_error("getcontext failed");
  own_.uc_stack.ss_sp = stack_.get();
  own_.uc_stack.ss_size = stack_size;
  own_.uc_link = nullptr;
  const auto self = reinterpret_cast<std::uintptr_t>(this);
  makecontext(&own_, reinterpret_cast<void (*)()>(&Fiber::enter), 2,
              static_cast<unsigned>(self >> 32), static_cast<unsigned>(self));
#if defined(__SANITIZE_THREAD__)
  tsan_fiber_ = __tsan_create_fiber(0);
#endif
}

Fiber::~Fiber() {
#if defined(__SANITIZE_THREAD__)
  __tsan_destroy_fiber(tsan_fiber_);
#endif
  idleStacks().push_back(std::move(stack_));
}

void Fiber::enter(unsigned high, unsigned low) {
  Fiber& self = *reinterpret_cast<Fiber*>((static_cast<std::uintptr_t>(high) << 32) | low);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &self.back_bottom_, &self.back_size_);
#endif
  self.body_();
  self.body_ = nullptr;
  self.ended_ = true;
  self.leave(true);
}

void Fiber::resume() {
  begun_ = true;
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&back_fake_stack_, stack_.get(), stack_size);
#endif
#if defined(__SANITIZE_THREAD__)
  tsan_back_ = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(tsan_fiber_, 0);
#endif
  swapcontext(&back_, &own_);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(back_fake_stack_, nullptr, nullptr);
#endif
}

void Fiber::yield() {
  leave(false);
}

void Fiber::leave([[maybe_unused]] bool for_good) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(for_good ? nullptr : &fake_stack_, back_bottom_, back_size_);
#endif
#if defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(tsan_back_, 0);
#endif
  swapcontext(&own_, &back_);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_stack_, &back_bottom_, &back_size_);
#endif
}

}  // namespace scanhost::simulation
