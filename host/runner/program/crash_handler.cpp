// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/runner/program/crash_handler.h"

#include <link.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>
#include <unwind.h>

#include <algorithm>
#include <atomic>
#include <cstring>

namespace scanhost::runner {
namespace {

/// Should the handler itself hang, as on a lock of the dynamic loader: the alarm ends the process.
constexpr unsigned handler_limit_s = 2;

int record_fd = -1;
std::atomic<bool> dying{false};
CrashRecord record;  // too large for a signal's stack
thread_local std::uint64_t current_call = 0;
thread_local std::uint16_t current_function = 0;

struct Search {
  std::uint64_t address = 0;
  CrashRecord::Frame* frame = nullptr;
};

bool covers(const dl_phdr_info& object, std::uint64_t address) {
  for (int i = 0; i < object.dlpi_phnum; ++i) {
    const auto& part = object.dlpi_phdr[i];
    const std::uint64_t begin = object.dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_LOAD && address >= begin && address < begin + part.p_memsz) return true;
  }
  return false;
}

int nameModule(dl_phdr_info* object, std::size_t, void* context) {
  const auto& search = *static_cast<Search*>(context);
  if (!covers(*object, search.address)) return 0;
  const char* name =
      object->dlpi_name && *object->dlpi_name ? object->dlpi_name : "scanhost-runner";
  if (const char* slash = std::strrchr(name, '/'); slash && std::strncmp(name, "/proc/", 6) != 0)
    name = slash + 1;
  if (std::strncmp(name, "/proc/", 6) == 0) name = "plugin";
  std::strncpy(search.frame->module, name, CrashRecord::module_bytes - 1);
  search.frame->offset = search.address - object->dlpi_addr;
  return 1;
}

_Unwind_Reason_Code addFrame(_Unwind_Context* context, void*) {
  if (record.frame_count == CrashRecord::max_frames) return _URC_END_OF_STACK;
  int is_before = 0;
  std::uint64_t address = _Unwind_GetIPInfo(context, &is_before);
  if (address == 0) return _URC_END_OF_STACK;
  if (is_before == 0) --address;  // a return address: the call is what lies before it
  CrashRecord::Frame& frame = record.frames[record.frame_count++];
  Search search{address, &frame};
  if (dl_iterate_phdr(&nameModule, &search) == 0) frame.offset = address;
  return _URC_NO_REASON;
}

void onCrash(int signal, siginfo_t* info, void*) {
  if (!dying.exchange(true)) {
    alarm(handler_limit_s);
    record.signal = signal;
    record.code = info->si_code;
    record.address = reinterpret_cast<std::uint64_t>(info->si_addr);
    record.call = current_call;
    record.function = current_function;
    _Unwind_Backtrace(&addFrame, nullptr);
    [[maybe_unused]] const ssize_t written = write(record_fd, &record, sizeof record);
  }
  ::signal(signal, SIG_DFL);
  raise(signal);
}

}  // namespace

void installCrashHandler(int fd) {
  record_fd = fd;
  struct sigaction action {};
  action.sa_sigaction = &onCrash;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP})
    sigaction(signal, &action, nullptr);
}

CrashStack::CrashStack() {
  memory_ = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory_ == MAP_FAILED) {
    memory_ = nullptr;
    return;
  }
  const stack_t stack{memory_, 0, stack_bytes};
  sigaltstack(&stack, nullptr);
}

CrashStack::~CrashStack() {
  if (!memory_) return;
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  sigaltstack(&none, nullptr);
  munmap(memory_, stack_bytes);
}

void noteCall(std::uint64_t call, Function function) {
  current_call = call;
  current_function = static_cast<std::uint16_t>(function);
}

void noteNoCall() {
  current_call = 0;
  current_function = 0;
}

}  // namespace scanhost::runner
