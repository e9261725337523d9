// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What makes classes into a plugin: the entry function, the manifest section, and the thunks that
/// every interface shares. A plugin's plugin.cpp holds its manifest and one line:
///
///     SCANHOST_PLUGIN(manifest_json, BannerScanner)
///
/// where `manifest_json` is a string literal or a constexpr char array, and each class derives from
/// one base (LocalScanner, RemoteScanner, Queue, Results, Transport, Exporter).
#ifndef SCANHOST_PLUGIN_H
#define SCANHOST_PLUGIN_H

#include <array>
#include <cstddef>
#include <string_view>

#include "abi/plugin.h"
#include "call.h"
#include "host.h"

namespace scanhost {
inline namespace v1 {

/// What every instance can do; the bases of the interfaces derive from it.
class Instance {
 public:
  Instance() = default;
  Instance(const Instance&) = delete;
  Instance& operator=(const Instance&) = delete;
  virtual ~Instance() = default;

  /// Connects, opens, mounts. When it throws, only destruction follows.
  virtual void start(Call&) {}
  /// Ends all work within the call's deadline. May come twice, and without start.
  virtual void stop(Call&) {}
};

namespace detail {

/// The functions of scanhost_interface for a class `Plugin` seen through its interface `Base`.
template <class Base, class Plugin>
scanhost_interface interfaceHead(uint32_t struct_size, uint32_t revision) noexcept {
  scanhost_interface head{};
  head.struct_size = struct_size;
  head.revision = revision;
  head.create = [](const scanhost_host* host, const scanhost_call* call,
                   const scanhost_create_args* args, void** self) noexcept {
    return guarded(call, [&](Call&) {
      const Settings settings(host, args);
      Base* instance = new Plugin(settings);
      *self = instance;
    });
  };
  head.start = [](void* self, const scanhost_call* call) noexcept {
    return guarded(call, [&](Call& context) { static_cast<Base*>(self)->start(context); });
  };
  head.stop = [](void* self, const scanhost_call* call) noexcept {
    guarded(call, [&](Call& context) { static_cast<Base*>(self)->stop(context); });
  };
  head.destroy = [](void* self) noexcept { delete static_cast<Base*>(self); };
  return head;
}

template <std::size_t Size>
constexpr std::array<char, Size> manifestBytes(const char (&text)[Size]) noexcept {
  std::array<char, Size> bytes{};
  for (std::size_t i = 0; i < Size; ++i) bytes[i] = text[i];
  return bytes;
}

/// The interface of `id` among the classes, each of which names its own and makes its table.
template <class... Plugins>
const scanhost_interface* findInterface(scanhost_text id) noexcept {
  const scanhost_interface* found = nullptr;
  ((found == nullptr && toView(id) == Plugins::interfaceId()
        ? void(found = Plugins::template interfaceTable<Plugins>())
        : void()),
   ...);
  return found;
}

}  // namespace detail
}  // namespace v1
}  // namespace scanhost

#define SCANHOST_PLUGIN(manifest_json, ...)                                                       \
  __attribute__((section(SCANHOST_MANIFEST_SECTION), used)) static constexpr auto                 \
      scanhost_manifest = ::scanhost::detail::manifestBytes(manifest_json);                       \
  extern "C" SCANHOST_EXPORT const scanhost_plugin* scanhost_plugin_v1(const scanhost_host*);     \
  extern "C" SCANHOST_EXPORT const scanhost_plugin* scanhost_plugin_v1(const scanhost_host*) {    \
    static const scanhost_plugin plugin{sizeof(scanhost_plugin), SCANHOST_ABI_MINOR,              \
                                        {scanhost_manifest.data(), scanhost_manifest.size() - 1}, \
                                        &::scanhost::detail::findInterface<__VA_ARGS__>};         \
    return &plugin;                                                                               \
  }

#endif
