// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/http/listener.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <deque>

#include "host/http/connection.h"
#include "host/http/server_socket.h"

namespace scanhost::http {
namespace {

constexpr std::uint64_t wake_id = 0;  // connections begin at 1
constexpr std::uint64_t server_id = ~std::uint64_t{0};
constexpr std::chrono::milliseconds tick{100};
constexpr std::size_t accepts_per_turn = 64;
constexpr std::size_t ticked_per_turn = 128;
constexpr std::chrono::milliseconds ticking_pause{1};  // in which workers have the processor

/// OpenSSL writes without MSG_NOSIGNAL; a client that hangs up must not end the process.
void ignoreBrokenPipes() {
  struct sigaction current {};
  sigaction(SIGPIPE, nullptr, &current);
  if (current.sa_handler == SIG_DFL) signal(SIGPIPE, SIG_IGN);
}

}  // namespace

/// The thread between sockets and pool.
class Listener::Loop {
 public:
  Loop(std::shared_ptr<Core> core, std::unique_ptr<ServerSocket> server,
       std::shared_ptr<TlsContext> tls)
      : core_(std::move(core)), server_(std::move(server)), tls_(std::move(tls)) {
    epoll_fd_ = epoll_create1(EPOLL_CLOEXEC);
    wake_fd_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    core_->epoll_fd = epoll_fd_;
    watch(wake_fd_, wake_id);
    watch(server_->fd(), server_id);
    thread_ = std::thread([this] { run(); });
  }

  ~Loop() {
    end_ = true;
    wake();
    thread_.join();
    close(wake_fd_);
    close(epoll_fd_);
  }

  /// For core_->stopping to be seen now.
  void wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(wake_fd_, &one, sizeof one);
  }

  void setTls(std::shared_ptr<TlsContext> tls) {
    const std::lock_guard lock(tls_mutex_);
    tls_ = std::move(tls);
  }
  std::shared_ptr<TlsContext> tls() const {
    const std::lock_guard lock(tls_mutex_);
    return tls_;
  }

 private:
  void watch(int fd, std::uint64_t id) {
    epoll_event event{EPOLLIN, {.u64 = id}};
    epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event);
  }

  void run() {
    auto next_tick = Clock::now() + tick;
    std::size_t next_part = ConnectionList::parts;  // to be ticked; none
    while (!end_) {
      std::array<epoll_event, 128> events;
      const bool is_ticking = next_part < ConnectionList::parts;
      const auto pause = is_ticking ? ticking_pause : tick;
      const int count =
          epoll_wait(epoll_fd_, events.data(), events.size(), static_cast<int>(pause.count()));
      for (int i = 0; i < count; ++i) handle(events[static_cast<std::size_t>(i)]);
      if (core_->stopping && server_) stopAccepting();
      if (is_ticking) tickSome(next_part);
      if (Clock::now() < next_tick) continue;
      next_tick = Clock::now() + tick;
      if (core_->hooks.on_turn) core_->hooks.on_turn();
      next_part = 0;
    }
  }

  void handle(const epoll_event& event) {
    const std::uint64_t id = event.data.u64;
    if (id == server_id) {
      acceptAll();
    } else if (id == wake_id) {
      std::uint64_t count;
      [[maybe_unused]] const auto got = read(wake_fd_, &count, sizeof count);
    } else if (const auto connection = core_->connections.find(id)) {
      connection->onReady(event.events);
    }
  }

  /// Between two turns only so many, lest thousands of idle ones make those with news wait.
  void tickSome(std::size_t& next_part) {
    const auto now = Clock::now();
    for (std::size_t visited = 0; visited < ticked_per_turn && next_part < ConnectionList::parts;) {
      const auto some = core_->connections.part(next_part++);
      for (const auto& connection : some) connection->onTick(now);
      visited += some.size();
    }
  }

  void acceptAll() {
    for (std::size_t i = 0; i < accepts_per_turn && server_; ++i) {
      auto accepted = server_->accept();
      if (!accepted) return;
      admit(std::move(*accepted));
    }
  }

  void admit(ServerSocket::Accepted accepted) {
    const Limits& limits = core_->options.limits;
    const std::string address = accepted.peer.text;
    const std::size_t total = core_->connections.size();
    const std::size_t of_address = core_->connections.countOf(address);
    const bool is_proxy = !accepted.peer.address || core_->proxies.contains(*accepted.peer.address);
    const std::size_t address_limit =
        is_proxy ? limits.connections : limits.connections_per_address;

    const auto context = tls();
    accepted.peer.secure = context != nullptr;
    auto channel = context ? Channel::tls(accepted.fd, context) : Channel::plain(accepted.fd);
    const bool is_over = total >= limits.connections || of_address >= address_limit;
    if (is_over) ++core_->connections_refused;
    if (is_over && !findReserve()) return;  // the channel closes

    const std::uint64_t id = core_->connections.nextId();
    auto connection =
        std::make_shared<Connection>(core_, id, std::move(channel), std::move(accepted.peer));
    core_->connections.add(id, address, connection);
    if (is_over) {
      reserve_.push_back(connection);
      connection->startReserved();
    } else {
      connection->start();
    }
  }

  /// Whether one more may be over a cap; the oldest that has not asked makes way for it.
  bool findReserve() {
    std::erase_if(reserve_, [](const auto& connection) { return connection.expired(); });
    if (reserve_.size() < core_->options.limits.reserve_connections) return true;
    return std::any_of(reserve_.begin(), reserve_.end(), [](const auto& weak) {
      const auto connection = weak.lock();
      return connection && connection->makeWay();
    });
  }

  void stopAccepting() {
    epoll_ctl(epoll_fd_, EPOLL_CTL_DEL, server_->fd(), nullptr);
    server_.reset();
  }

  const std::shared_ptr<Core> core_;
  std::unique_ptr<ServerSocket> server_;  // the loop thread's, once it runs
  mutable std::mutex tls_mutex_;
  std::shared_ptr<TlsContext> tls_;
  std::deque<std::weak_ptr<Connection>> reserve_;  // over a cap, oldest first
  int epoll_fd_ = -1, wake_fd_ = -1;
  std::atomic<bool> end_{false};
  std::thread thread_;
};

Listener::Listener(ListenOptions options, Hooks hooks, CallerResolver resolver)
    : core_(std::make_shared<Core>(std::move(options))) {
  core_->hooks = std::move(hooks);
  core_->resolver = std::move(resolver);
}

Listener::~Listener() {
  stop(std::chrono::milliseconds(0));
}

Result<std::shared_ptr<TlsContext>> Listener::prepare() {
  auto guard = OriginGuard::fromOptions(core_->options);
  if (!guard) return tl::unexpected(guard.error());
  core_->guard = std::move(*guard);
  auto proxies = TrustedProxies::parse(core_->options.trusted_proxies);
  if (!proxies) return tl::unexpected(proxies.error());
  core_->proxies = std::move(*proxies);
  if (!core_->options.tls) return nullptr;
  return TlsContext::load(*core_->options.tls);
}

Result<CertificateLife> Listener::check() {
  const auto tls = prepare();
  if (!tls) return tl::unexpected(tls.error());
  if (const Status address = ServerSocket::check(core_->options.listen); !address)
    return tl::unexpected(address.error());
  return *tls ? (*tls)->certificate() : CertificateLife{};
}

Status Listener::start() {
  auto tls = prepare();
  if (!tls) return tl::unexpected(tls.error());
  auto server = ServerSocket::open(core_->options.listen);
  if (!server) return tl::unexpected(server.error());
  port_ = (*server)->port();
  ignoreBrokenPipes();
  loop_ = std::make_unique<Loop>(core_, std::move(*server), std::move(*tls));
  return {};
}

void Listener::stop(std::chrono::milliseconds grace) {
  core_->stopping = true;
  if (loop_) loop_->wake();
  for (const auto& connection : core_->connections.all()) connection->onStopping();
  const auto any_busy = [&] {
    for (const auto& connection : core_->connections.all())
      if (connection->isBusy()) return true;
    return false;
  };
  const auto until = Clock::now() + grace;
  while (loop_ && any_busy() && Clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const auto abort_all = [&] {
    for (const auto& connection : core_->connections.all()) connection->abort();
  };
  abort_all();
  core_->pool.stop();
  abort_all();  // those that a worker still had
  loop_.reset();
  abort_all();  // those that the loop had just accepted
}

Result<RouteHandle> Listener::route(Route route) {
  auto added = core_->routes.add(std::move(route));
  if (!added) return tl::unexpected(added.error());
  return RouteHandle([core = core_, entry = *added] {
    core->routes.remove(entry);
    entry->retire([&] {
      for (const auto& connection : core->connections.all()) connection->endUseOf(entry.get());
    });
  });
}

Result<RouteHandle> mountOnAll(const std::vector<Listener*>& listeners, const Route& route) {
  const auto handles = std::make_shared<std::vector<RouteHandle>>();
  for (Listener* listener : listeners) {
    auto mounted = listener->route(route);
    if (!mounted) return tl::unexpected(mounted.error());
    handles->push_back(std::move(*mounted));
  }
  return RouteHandle([handles] { handles->clear(); });
}

Status Listener::reloadTls() {
  if (!core_->options.tls || !loop_) return {};
  auto loaded = TlsContext::load(*core_->options.tls);
  if (!loaded) return tl::unexpected(loaded.error());
  loop_->setTls(std::move(*loaded));
  return {};
}

CertificateLife Listener::certificate() const {
  const auto tls = loop_ ? loop_->tls() : nullptr;
  return tls ? tls->certificate() : CertificateLife{};
}

ListenerStats Listener::stats() const {
  return {core_->connections.size(), core_->streams, core_->streams_overflowed,
          core_->connections_refused, core_->requests_refused};
}

}  // namespace scanhost::http
