// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/runner/program/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sockios.h>
#include <scanhost/text.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>
#include <memory>

#include "host/base/error_text.h"
#include "host/base/unique_fd.h"

namespace scanhost::runner {
namespace {

Status lastError(const std::string& what) {
  return fail(ErrorClass::config,
              "the runner cannot confine itself: " + what + ": " + errorText(errno));
}

// --- limits ---

Status limit(__rlimit_resource resource, rlim_t most, const char* name) {
  rlimit now{};
  if (getrlimit(resource, &now) != 0) return lastError(name);
  if (now.rlim_max != RLIM_INFINITY && most > now.rlim_max) most = now.rlim_max;
  const rlimit wanted{most, most};
  if (setrlimit(resource, &wanted) != 0) return lastError(name);
  return {};
}

Status setLimits(const Hello& hello) {
  if (Status set = limit(RLIMIT_CORE, 0, "RLIMIT_CORE"); !set) return set;
  if (hello.open_files > 0)
    if (Status set = limit(RLIMIT_NOFILE, hello.open_files, "RLIMIT_NOFILE"); !set) return set;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // whose shadow is counted, too
  if (hello.memory_bytes > 0)
    if (Status set = limit(RLIMIT_DATA, hello.memory_bytes, "RLIMIT_DATA"); !set) return set;
#endif
  return {};
}

// --- capabilities: capabilities(7) ---

/// Gives up all but those to keep, for good: a program that root starts would have them back by its
/// bounding set.
Status dropCapabilities(std::uint64_t kept) {
  for (unsigned long capability = 0; capability <= CAP_LAST_CAP; ++capability)
    if ((kept >> capability & 1) == 0) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[2]{};
  if (syscall(SYS_capget, &header, sets) != 0) return lastError("capget");
  for (unsigned half = 0; half < 2; ++half) {
    const auto mask = static_cast<std::uint32_t>(kept >> (32 * half));
    sets[half].permitted &= mask;
    sets[half].effective &= mask;
    sets[half].inheritable = sets[half].permitted;
  }
  if (syscall(SYS_capset, &header, sets) != 0) return lastError("capset");
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // What is permitted passes on to programs; what is not cannot be raised.
  for (unsigned long capability = 0; capability <= CAP_LAST_CAP; ++capability)
    if ((kept >> capability & 1) != 0)
      prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
  return {};
}

// --- files: Landlock (landlock(7)), whose numbers the headers of older systems lack ---

constexpr std::uint64_t access_execute = 1ull << 0, access_write_file = 1ull << 1,
                        access_read_file = 1ull << 2, access_read_dir = 1ull << 3,
                        access_truncate = 1ull << 14;
constexpr std::uint64_t scope_abstract_unix = 1ull << 0, scope_signal = 1ull << 1;
constexpr std::uint64_t on_files =
    access_execute | access_write_file | access_read_file | access_truncate;
constexpr int rule_path_beneath = 1;

struct Ruleset {
  std::uint64_t handled_files = 0, handled_net = 0, scoped = 0;
};
struct [[gnu::packed]] PathRule {
  std::uint64_t allowed = 0;
  std::int32_t parent_fd = -1;
};

std::uint64_t fileRightsOf(long abi) {
  std::uint64_t rights = (1ull << 13) - 1;  // version 1
  if (abi >= 2) rights |= 1ull << 13;       // refer
  if (abi >= 3) rights |= access_truncate;
  return rights;
}

std::size_t rulesetBytes(long abi) {
  return abi >= 6 ? sizeof(Ruleset) : abi >= 4 ? 16 : 8;
}

class FileRules {
 public:
  static Result<std::string> enforce(const Hello& hello) {
    const long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, 1);
    if (abi < 0) return "no landlock (" + errorText(errno) + ")";
    FileRules rules(abi);
    if (!rules.ruleset_) return tl::unexpected<Error>(lastError("landlock").error());
    const std::uint64_t read = access_read_file | access_read_dir;
    const std::uint64_t run = hello.programs ? read | access_execute : read;
    for (const char* folder : {"/usr", "/lib", "/lib64", "/bin", "/sbin", "/opt"})
      rules.allow(folder, run);
    for (const char* path : {"/etc/ld.so.cache",
                             "/etc/ld.so.conf",
                             "/etc/ld.so.conf.d",
                             "/etc/ssl",
                             "/etc/pki",
                             "/etc/ca-certificates",
                             "/etc/resolv.conf",
                             "/run/systemd/resolve",
                             "/etc/hosts",
                             "/etc/host.conf",
                             "/etc/nsswitch.conf",
                             "/etc/gai.conf",
                             "/etc/services",
                             "/etc/protocols",
                             "/etc/passwd",
                             "/etc/group",
                             "/etc/localtime",
                             "/etc/alternatives",
                             "/etc/mime.types",
                             "/proc",
                             "/sys/devices/system/cpu",
                             "/dev/urandom",
                             "/dev/random"})
      rules.allow(path, read);
    for (const char* device : {"/dev/null", "/dev/zero", "/dev/full"})
      rules.allow(device, read | access_write_file | access_truncate);
    rules.allowFd(plugin_fd, read);
    rules.allowAll(hello.readable, read);
    rules.allowAll(hello.executable, read | (hello.programs ? access_execute : 0));
    rules.allowAll(hello.writable, fileRightsOf(abi) & ~access_execute);
    if (syscall(SYS_landlock_restrict_self, rules.ruleset_.get(), 0) != 0)
      return tl::unexpected<Error>(lastError("landlock").error());
    return "landlock " + std::to_string(abi);
  }

 private:
  explicit FileRules(long abi) : handled_(fileRightsOf(abi)) {
    const Ruleset attributes{handled_, 0, abi >= 6 ? scope_abstract_unix | scope_signal : 0};
    ruleset_ = UniqueFd(
        static_cast<int>(syscall(SYS_landlock_create_ruleset, &attributes, rulesetBytes(abi), 0)));
  }

  /// What is not there needs no rule.
  void allow(const char* path, std::uint64_t rights) {
    const UniqueFd fd(open(path, O_PATH | O_CLOEXEC));
    if (fd) allowFd(fd.get(), rights);
  }
  void allowAll(scanhost_texts paths, std::uint64_t rights) {
    for (std::uint64_t i = 0; i < paths.count; ++i) allow(toString(paths.items[i]).c_str(), rights);
  }
  void allowFd(int fd, std::uint64_t rights) {
    struct stat state {};
    if (fstat(fd, &state) != 0) return;
    if (!S_ISDIR(state.st_mode)) rights &= on_files;
    const PathRule rule{rights & handled_, fd};
    syscall(SYS_landlock_add_rule, ruleset_.get(), rule_path_beneath, &rule, 0);
  }

  const std::uint64_t handled_;
  UniqueFd ruleset_;
};

// --- system calls ---

/// Calls that no plugin needs and that reach beyond its process.
constexpr const char* refused_calls[] = {
    "ptrace", "process_vm_readv", "process_vm_writev", "kcmp", "pidfd_getfd", "pidfd_send_signal",
    "process_madvise", "mount", "umount2", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick",
    "open_tree", "mount_setattr", "pivot_root", "chroot", "unshare", "setns", "bpf",
    "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "keyctl", "add_key", "request_key", "init_module", "finit_module", "delete_module",
    "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct", "quotactl",
    "quotactl_fd", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "sethostname",
    "setdomainname", "iopl", "ioperm", "modify_ldt", "syslog", "vhangup", "name_to_handle_at",
    "open_by_handle_at", "fanotify_init", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    // Modes, owners and attributes of files, which Landlock leaves alone.
    "chmod", "fchmod", "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "setxattr",
    "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "utime", "utimes",
    "futimesat",
    // Memory that no limit of a process counts, or that outlives it.
    "memfd_create", "memfd_secret", "shmget", "shmat", "semget", "msgget"};

/// The same, newer than the library's list of names: fchmodat2, setxattrat, removexattrat,
/// open_tree_attr, file_setattr, whose numbers are those of every architecture.
constexpr int refused_numbers[] = {452, 463, 466, 467, 469};

/// Settings of processes, of which it may change its own: the argument that must not exceed `most`.
struct OwnOnly {
  const char* call;
  unsigned argument;
  std::uint64_t most;
};
constexpr OwnOnly own_only[] = {
    {"prlimit64", 0, 0},          {"setpriority", 0, 0},    {"setpriority", 1, 0},
    {"ioprio_set", 0, 1},         {"ioprio_set", 1, 0},     {"sched_setaffinity", 0, 0},
    {"sched_setscheduler", 0, 0}, {"sched_setparam", 0, 0}, {"sched_setattr", 0, 0}};

constexpr std::uint64_t foreign_flags = CLONE_PARENT | CLONE_NEWNS | CLONE_NEWCGROUP |
                                        CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |
                                        CLONE_NEWNET;
constexpr std::uint64_t low_half = 0xffffffff;

class CallRules {
 public:
  static Status enforce(const Hello& hello, pid_t daemon) {
    CallRules rules;
    if (!rules.filter_)
      return fail(ErrorClass::config, "the runner cannot confine itself: seccomp");
    // A call by another convention (x32, int 0x80) would otherwise kill its thread alone.
    rules.error_ =
        seccomp_attr_set(rules.filter_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    rules.refuseAlways(daemon);
    if (!hello.programs) rules.refusePrograms();
    rules.refuseSockets(hello.network != 0, hello.raw_sockets != 0);
    if (rules.error_ == 0) rules.error_ = seccomp_load(rules.filter_.get());
    if (rules.error_ == 0) return {};
    return fail(ErrorClass::config,
                "the runner cannot confine itself: seccomp: " + errorText(-rules.error_));
  }

 private:
  void refuseAlways(pid_t daemon) {
    for (const char* name : refused_calls) {
      const int number = seccomp_syscall_resolve_name(name);
      if (number != __NR_SCMP_ERROR) add(EPERM, number);
    }
    for (std::uint64_t flag = 1; flag <= foreign_flags; flag <<= 1)
      if ((foreign_flags & flag) != 0)
        add(EPERM, SCMP_SYS(clone), SCMP_A0_64(SCMP_CMP_MASKED_EQ, flag, flag));
    for (const int number : refused_numbers) add(EPERM, number);
    for (const OwnOnly& rule : own_only) {
      const int number = seccomp_syscall_resolve_name(rule.call);
      if (number != __NR_SCMP_ERROR)
        add(EPERM, number, scmp_arg_cmp{rule.argument, SCMP_CMP_GT, rule.most, 0});
    }
    // Signals by way of a descriptor, to whoever is named its owner; input to a terminal, as if
    // typed.
    for (const std::uint64_t command : {F_SETOWN, F_SETOWN_EX, F_SETSIG})
      add(EPERM, SCMP_SYS(fcntl), SCMP_A1_64(SCMP_CMP_MASKED_EQ, low_half, command));
    for (const std::uint64_t request : {FIOSETOWN, SIOCSPGRP, TIOCSTI, TIOCLINUX})
      add(EPERM, SCMP_SYS(ioctl), SCMP_A1_64(SCMP_CMP_MASKED_EQ, low_half, request));
    // Times of a file by its name; of one that it has open it may set them.
    add(EPERM, SCMP_SYS(utimensat), SCMP_A1_64(SCMP_CMP_GT, 0));
    // Its flags lie in memory, where no filter sees them; without it libc uses clone.
    add(ENOSYS, SCMP_SYS(clone3));
    const auto group = static_cast<std::uint64_t>(-static_cast<std::int64_t>(getpgid(daemon)));
    for (const std::uint64_t pid : {static_cast<std::uint64_t>(daemon), group, low_half})
      for (const int call : {SCMP_SYS(kill), SCMP_SYS(tgkill)})
        add(EPERM, call, SCMP_A0_64(SCMP_CMP_MASKED_EQ, low_half, pid & low_half));
  }

  void refusePrograms() {
    for (const int call : {SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork)})
      add(EPERM, call);
    add(EPERM, SCMP_SYS(clone), SCMP_A0_64(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0));
  }

  void refuseSockets(bool network, bool raw) {
    for (int family = 0; family < AF_MAX; ++family) {
      const bool internet = family == AF_INET || family == AF_INET6;
      if (family == AF_NETLINK || (network && internet) || (raw && family == AF_PACKET)) continue;
      add(EAFNOSUPPORT, SCMP_SYS(socket),
          SCMP_A0_64(SCMP_CMP_MASKED_EQ, low_half, static_cast<std::uint64_t>(family)));
    }
    add(EAFNOSUPPORT, SCMP_SYS(socket),
        SCMP_A0_64(SCMP_CMP_GE, static_cast<std::uint64_t>(AF_MAX)));
  }

  template <class... Comparisons>
  void add(int error, int call, Comparisons... comparisons) {
    const int added = seccomp_rule_add(filter_.get(), SCMP_ACT_ERRNO(static_cast<unsigned>(error)),
                                       call, sizeof...(comparisons), comparisons...);
    if (added != 0 && error_ == 0) error_ = added;
  }

  std::unique_ptr<void, void (*)(scmp_filter_ctx)> filter_{seccomp_init(SCMP_ACT_ALLOW),
                                                           &seccomp_release};
  int error_ = 0;
};

}  // namespace

Result<std::string> confine(const Hello& hello) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    return tl::unexpected<Error>(lastError("no new privileges").error());
  if (Status set = setLimits(hello); !set) return tl::unexpected<Error>(set.error());
  const std::uint64_t kept = hello.raw_sockets != 0 ? 1ull << CAP_NET_RAW : 0;
  if (Status set = dropCapabilities(kept); !set) return tl::unexpected<Error>(set.error());
  auto files = FileRules::enforce(hello);
  if (!files) return files;
  if (Status set = CallRules::enforce(hello, getppid()); !set)
    return tl::unexpected<Error>(set.error());
  return "seccomp, " + *files;
}

}  // namespace scanhost::runner
