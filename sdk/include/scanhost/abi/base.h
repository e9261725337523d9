// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// scanhost plugin ABI, major 1: the words every other header uses.
///
/// The contract is C11 over 64-bit targets. It only grows: a released struct gets new fields at its
/// end, a changed meaning gets a new interface id, and nothing is removed or reordered. A field of
/// a struct that begins with `struct_size` is there only if `struct_size` covers it; a reader takes
/// what it knows and never refuses a longer struct. Every obligation stated in these headers has a
/// number, a consequence and a detector in docs/reference/abi.md.
///
/// Threads. Each function carries one tag:
///   [any]     from any thread, at any time between create and destroy, also overlapping; never blocks
///   [serial]  calls on one instance never overlap, though the thread may differ
///   [worker]  may block; calls on one instance may overlap as far as the manifest's
///             `max_parallel` allows
///
/// Memory. Whoever allocates frees. Everything passed to a function is borrowed until it returns;
/// what must live longer is copied. What a function produces it hands to a sink given to it.
#ifndef SCANHOST_ABI_BASE_H
#define SCANHOST_ABI_BASE_H

#include <stddef.h>
#include <stdint.h>

#define SCANHOST_ABI_MAJOR 1
#define SCANHOST_ABI_MINOR 2

#ifdef __cplusplus
#define SCANHOST_ABI_ASSERT(condition, text) static_assert(condition, text)
#else
#define SCANHOST_ABI_ASSERT(condition, text) _Static_assert(condition, text)
#endif

SCANHOST_ABI_ASSERT(sizeof(void*) == 8, "the scanhost ABI is defined for 64-bit targets");

/// True when `field` lies within the struct as its maker knew it.
#define SCANHOST_HAS(pointer, type, field) \
  ((pointer)->struct_size >= offsetof(type, field) + sizeof((pointer)->field))

#ifdef __cplusplus
extern "C" {
#endif

/// UTF-8, not terminated; `data` may be null when `size` is 0. Borrowed for the call.
typedef struct scanhost_text {
  const char* data;
  uint64_t size;
} scanhost_text;

/// Bytes of any kind. Borrowed for the call.
typedef struct scanhost_bytes {
  const uint8_t* data;
  uint64_t size;
} scanhost_bytes;

typedef struct scanhost_texts {
  const scanhost_text* items;
  uint64_t count;
} scanhost_texts;

/// A name and its value: headers, environment, what a scanner says beyond the known fields.
typedef struct scanhost_pair {
  scanhost_text name;
  scanhost_text value;
} scanhost_pair;

typedef struct scanhost_pairs {
  const scanhost_pair* items;
  uint64_t count;
} scanhost_pairs;

/// SCANHOST_OK, or an error class of error.h.
typedef int32_t scanhost_status;
#define SCANHOST_OK 0

/// Takes text in one or more chunks; the pieces together are the answer. An answer other than
/// SCANHOST_OK means that the receiver wants no more: return it. [same thread as the call]
typedef struct scanhost_text_sink {
  uint32_t struct_size;
  uint32_t reserved;
  void* context;
  scanhost_status (*write)(void* context, scanhost_text chunk);
} scanhost_text_sink;

SCANHOST_ABI_ASSERT(sizeof(scanhost_text) == 16, "scanhost_text is frozen");
SCANHOST_ABI_ASSERT(sizeof(scanhost_bytes) == 16, "scanhost_bytes is frozen");
SCANHOST_ABI_ASSERT(sizeof(scanhost_texts) == 16, "scanhost_texts is frozen");
SCANHOST_ABI_ASSERT(sizeof(scanhost_pair) == 32, "scanhost_pair is frozen");
SCANHOST_ABI_ASSERT(sizeof(scanhost_pairs) == 16, "scanhost_pairs is frozen");
SCANHOST_ABI_ASSERT(sizeof(scanhost_text_sink) == 24, "scanhost_text_sink grows at its end only");

#ifdef __cplusplus
}
#endif

#endif
