// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// How a plugin is entered, what it is given and what it answers.
///
/// A plugin is one shared object with one exported function, `scanhost_plugin_v1`, and one ELF
/// section, `.scanhost.manifest`. The section holds a JSON document that the host reads without
/// running a line of the plugin:
///
///     {"name": "scanner-banner", "version": "1.0.0", "vendor": "Example Ltd", "licence": "MIT",
///      "abi": {"major": 1, "min_minor": 0},
///      "provides": [{"interface": "scanhost.scanner.local/1"}],
///      "requires": [{"service": "scanhost.host.process/1"}],
///      "max_parallel": 4,
///      "store": "local",
///      "config_schema": {"type": "object", "additionalProperties": false, "properties": {}},
///      "scan_schema":   {"type": "object", "additionalProperties": false, "properties": {}}}
///
/// `name` is `<kind>-<name>` and equals the file's name without `.so`; `store` ("local" or
/// "shared") is for queues and results, `scan_schema` (settings of one scan) for scanners. Schemas
/// keep to the subset of JSON Schema 2020-12 listed in docs/reference/abi.md.
///
/// Life: `create` makes an instance, `start` sets it to work, `stop` ends that, `destroy` frees it.
/// After a failed `create` nothing follows, after a failed `start` only `destroy`. `stop` may come
/// twice and may come when `start` never did. There is no initialisation of the library itself, and
/// the library is never unloaded. No exception, C++ type, FILE* or memory to free crosses; a plugin
/// installs no signal handler, never forks (scanhost.host.process/1 starts programs) and leaves
/// nothing behind: threads and descriptors end with `destroy`.
#ifndef SCANHOST_ABI_PLUGIN_H
#define SCANHOST_ABI_PLUGIN_H

#include "call.h"

#ifdef __cplusplus
extern "C" {
#endif

/// The host, as one plugin (at entry) or one instance (at create) sees it. Valid until the process
/// ends; pass it back unchanged to the services it gives. Its functions are [any].
typedef struct scanhost_host {
  uint32_t struct_size;
  uint32_t abi_minor;     ///< the host's SCANHOST_ABI_MINOR
  scanhost_text version;  ///< the host's own, for logs
  /// A table of functions by id, such as "scanhost.host.clock/1", or null when this host has none.
  /// Each begins with scanhost_service.
  const void* (*get_service)(const struct scanhost_host* host, scanhost_text id);
  /// Logs outside of any call.
  void (*log)(const struct scanhost_host* host, const scanhost_event* event);
} scanhost_host;

/// What every table of host services begins with.
typedef struct scanhost_service {
  uint32_t struct_size;
  uint32_t revision;  ///< as in scanhost_interface
} scanhost_service;

typedef struct scanhost_create_args {
  uint32_t struct_size;
  uint32_t reserved;
  scanhost_text instance;  ///< the configured name, unique among instances of this interface
  scanhost_text settings;  ///< one JSON object, valid by config_schema, defaults filled in
  scanhost_text data_dir;  ///< a folder only this instance writes to; the host has made it
} scanhost_create_args;

/// What every interface of a plugin begins with.
typedef struct scanhost_interface {
  uint32_t struct_size;  ///< of the whole interface
  /// While an interface is a draft (its header under abi/draft/): the exact revision it was
  /// compiled with, and a host with another refuses it. 0 once it is stable.
  uint32_t revision;
  /// Makes an instance and stores it in `*self`. Touches nothing outside but `data_dir`. [worker]
  scanhost_status (*create)(const scanhost_host* host, const scanhost_call* call,
                            const scanhost_create_args* args, void** self);
  /// Makes ready to work: connects, opens, mounts. [serial]
  scanhost_status (*start)(void* self, const scanhost_call* call);
  /// Ends all work within the call's deadline; later calls fail. [serial]
  void (*stop)(void* self, const scanhost_call* call);
  /// Frees the instance. [serial]
  void (*destroy)(void* self);
} scanhost_interface;

/// What a plugin is: a static table, valid for ever.
typedef struct scanhost_plugin {
  uint32_t struct_size;
  uint32_t abi_minor;      ///< the plugin's SCANHOST_ABI_MINOR
  scanhost_text manifest;  ///< the same bytes as in the ELF section
  /// The interface of that id, or null; for an id it does not know, also one that merely begins
  /// like one it knows, null. [any]
  const scanhost_interface* (*get_interface)(scanhost_text id);
} scanhost_plugin;

/// The one exported function. Null means that the plugin refuses this host. [any]
typedef const scanhost_plugin* (*scanhost_plugin_entry)(const scanhost_host* host);

#define SCANHOST_PLUGIN_ENTRY_NAME "scanhost_plugin_v1"
#define SCANHOST_MANIFEST_SECTION ".scanhost.manifest"

#define SCANHOST_EXPORT __attribute__((visibility("default")))

#ifdef __cplusplus
#define SCANHOST_ABI_LINKAGE extern "C"
#else
#define SCANHOST_ABI_LINKAGE extern
#endif

/// Puts a string literal into the manifest section as `scanhost_manifest[]`.
#define SCANHOST_MANIFEST(literal)                                                    \
  __attribute__((section(SCANHOST_MANIFEST_SECTION), used)) static const char scanhost_manifest[] = \
      literal

SCANHOST_ABI_ASSERT(sizeof(scanhost_host) == 40, "scanhost_host grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_create_args) == 56, "scanhost_create_args grows at its end only");
SCANHOST_ABI_ASSERT(sizeof(scanhost_interface) == 40, "scanhost_interface is frozen");
SCANHOST_ABI_ASSERT(sizeof(scanhost_plugin) == 32, "scanhost_plugin grows at its end only");

#ifdef __cplusplus
}
#endif

#endif
