// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/policy/resolver.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

namespace scanhost {
namespace {

using Answer = Result<std::vector<Address>>;

tl::unexpected<Error> unresolved(const std::string& name, const std::string& why) {
  return fail(ErrorClass::target, "host name '" + name + "' " + why, ErrorSubject::target);
}

std::optional<Address> addressOf(const sockaddr* address) {
  if (address->sa_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
    return Address{AddressFamily::v4, ntohl(v4->sin_addr.s_addr)};
  }
  if (address->sa_family != AF_INET6) return std::nullopt;
  AddressNumber number = 0;
  for (const std::uint8_t byte : reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr.s6_addr)
    number = number << 8 | byte;
  return unmapped(Address{AddressFamily::v6, number});
}

Answer collect(const std::string& name, const addrinfo* list) {
  std::vector<Address> addresses;
  for (const addrinfo* item = list; item; item = item->ai_next) {
    const auto address = addressOf(item->ai_addr);
    if (!address || std::count(addresses.begin(), addresses.end(), *address)) continue;
    if (addresses.size() == max_resolved_addresses)
      return unresolved(name, "has more than " + std::to_string(max_resolved_addresses) +
                                  " addresses; name the addresses to scan");
    addresses.push_back(*address);
  }
  if (addresses.empty()) return unresolved(name, "has no address");
  return addresses;
}

Answer lookUp(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  if (const int error = getaddrinfo(name.c_str(), nullptr, &hints, &list))
    return unresolved(name, std::string("cannot be resolved: ") + gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(list, freeaddrinfo);
  return collect(name, list);
}

}  // namespace

struct SystemResolver::Slots {
  std::atomic<int> free;
  explicit Slots(int count) : free(count) {}
  bool take() {
    if (free.fetch_sub(1) > 0) return true;
    give();
    return false;
  }
  void give() { free.fetch_add(1); }
};

SystemResolver::SystemResolver(int max_lookups) : slots_(std::make_shared<Slots>(max_lookups)) {}

Result<std::vector<Address>> SystemResolver::resolve(const std::string& name,
                                                     std::chrono::milliseconds timeout) {
  if (!slots_->take())
    return unresolved(name, "cannot be resolved now: too many lookups wait for the name servers");
  std::promise<Answer> promise;
  std::future<Answer> answer = promise.get_future();
  try {
    std::thread([name, slots = slots_, promise = std::move(promise)]() mutable {
      Answer found = lookUp(name);
      slots->give();
      promise.set_value(std::move(found));
    }).detach();
  } catch (const std::system_error& error) {
    slots_->give();
    return unresolved(name, std::string("cannot be resolved now: no thread: ") + error.what());
  }
  if (answer.wait_for(timeout) != std::future_status::ready)
    return unresolved(name, "was not resolved within " + std::to_string(timeout.count()) +
                                " ms; check the name servers");
  return answer.get();
}

}  // namespace scanhost
