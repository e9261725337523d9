// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// A job that can be put aside in the middle of a call and taken up again, on one thread.
///
/// The dispatcher's jobs are plain blocking code. Here each runs on a stack of its own and yields
/// wherever it would block, so that the simulation decides what happens between two of its effects.
/// Exceptions stay inside; a fiber never yields within a catch block.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <functional>
#include <memory>

namespace scanhost::simulation {

class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  /// It has ended, or never began.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Runs it until it yields or ends. Not from inside a fiber.
  void resume();
  /// Goes back to whoever resumed this fiber. From inside.
  void yield();

  bool begun() const { return begun_; }
  bool ended() const { return ended_; }

 private:
  static void enter(unsigned high, unsigned low);
  void leave(bool for_good);

  std::function<void()> body_;
  std::unique_ptr<char[]> stack_;
  ucontext_t own_{}, back_{};
  bool begun_ = false;
  bool ended_ = false;
  // What a sanitizer knows of the two stacks.
  void* fake_stack_ = nullptr;
  void* back_fake_stack_ = nullptr;
  const void* back_bottom_ = nullptr;
  std::size_t back_size_ = 0;
  void* tsan_fiber_ = nullptr;
  void* tsan_back_ = nullptr;
};

}  // namespace scanhost::simulation
