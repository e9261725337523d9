// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/jsonlog/journal_output.h"

#include <fcntl.h>
#include <scanhost/error.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "plugins/exporter/jsonlog/journal_entry.h"

namespace scanhost {
namespace {

constexpr int send_buffer_bytes = 1 << 20;  // as far as net.core.wmem_max allows

sockaddr_un addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

bool isTooBig(int error) {
  return error == EMSGSIZE || error == ENOBUFS;
}

bool writeAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

/// Sends with the socket's own patience; 0, or the error.
int sendMessage(int socket, const std::string& path, msghdr message) {
  sockaddr_un address = addressOf(path);
  message.msg_name = &address;
  message.msg_namelen = sizeof address;
  for (;;) {
    if (sendmsg(socket, &message, MSG_NOSIGNAL) >= 0) return 0;
    if (errno != EINTR) return errno;
  }
}

}  // namespace

JournalOutput::JournalOutput(const std::string& socket)
    : path_(socket), socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  const auto address = addressOf(path_);
  const Descriptor trial(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket_ ||
      connect(trial.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    throw PluginError(ErrorClass::config,
                      "journald at " + path_ + " cannot be reached: " + std::strerror(errno) +
                          (errno == EAFNOSUPPORT
                               ? "; an isolated plugin has no local sockets: set isolation: none"
                               : "; run it, or set output: stdout"),
                      ErrorSubject::backend);
  const timeval send_timeout{EventOutput::patience.count() / 1000,
                             EventOutput::patience.count() % 1000 * 1000};
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &send_timeout, sizeof send_timeout);
  setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer_bytes, sizeof send_buffer_bytes);
}

void JournalOutput::write(const scanhost_logged_event& event) {
  const std::string entry = journalEntry(event);
  int error = send(entry);
  if (isTooBig(error)) error = sendAsFile(entry);
  // Where no memory file may be made, the fields give way: an event that cannot be written at all
  // would hold up all that follow.
  if (error == ENOSYS || error == EPERM) error = send(shortJournalEntry(event));
  if (error == EAGAIN) failWrite("journald at " + path_ + " takes nothing");
  if (error != 0) failWrite("journald at " + path_ + ": " + std::strerror(error));
}

int JournalOutput::send(std::string_view entry) const {
  iovec part{const_cast<char*>(entry.data()), entry.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  return sendMessage(socket_.get(), path_, message);
}

int JournalOutput::sendAsFile(std::string_view entry) const {
  const Descriptor file(memfd_create("scanhost-event", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file || !writeAll(file.get(), entry) ||
      fcntl(file.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
    return errno;
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))]{};
  msghdr message{};
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  cmsghdr* const rights = CMSG_FIRSTHDR(&message);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof(int));
  const int number = file.get();
  std::memcpy(CMSG_DATA(rights), &number, sizeof number);
  return sendMessage(socket_.get(), path_, message);
}

}  // namespace scanhost
