// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The ABI's structs as bytes of a frame's body, and back.
///
/// What a struct consists of is said once (wire_records.h), for both directions. A Decoder reads
/// hostile bytes: what does not fit makes it `failed`, after which all it gives is empty and zero.
/// Texts it gives point into the body; lists live as long as the Decoder.
#pragma once

#include <scanhost/abi/base.h>

#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace scanhost::runner {

class Encoder {
 public:
  static constexpr bool reads = false;

  /// What was encoded; the encoder is empty then.
  std::string take() { return std::exchange(bytes_, {}); }
  std::string_view view() const { return bytes_; }

  template <class Number>
  requires std::is_arithmetic_v<Number>
  void value(const Number& number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof number);
  }
  void value(const scanhost_text& text) { bytes(text.data, text.size); }
  void value(const scanhost_bytes& some) {
    bytes(reinterpret_cast<const char*>(some.data), some.size);
  }
  void value(const scanhost_texts& texts) { array(texts.items, texts.count); }
  void value(const scanhost_pair& pair) {
    value(pair.name);
    value(pair.value);
  }
  void value(const scanhost_pairs& pairs) { array(pairs.items, pairs.count); }

  /// An array of values or of structs.
  template <class Item>
  void array(const Item* items, std::uint64_t count) {
    value(count);
    for (std::uint64_t i = 0; i < count; ++i) item(items[i]);
  }
  /// An array of pointers to records.
  template <class Record>
  void records(const Record* const* items, std::uint64_t count) {
    value(count);
    for (std::uint64_t i = 0; i < count; ++i) members(*this, *items[i]);
  }
  template <class Record>
  void optional(const Record* record) {
    value(static_cast<std::uint8_t>(record != nullptr));
    if (record) members(*this, *record);
  }
  template <class Record>
  void structSize(const Record&) {}

 private:
  template <class Item>
  void item(const Item& one) {
    if constexpr (requires { value(one); })
      value(one);
    else
      members(*this, one);
  }
  void bytes(const char* data, std::uint64_t size) {
    if (!data) size = 0;
    value(size);
    if (size > 0) bytes_.append(data, static_cast<std::size_t>(size));
  }

  std::string bytes_;
};

class Decoder {
 public:
  static constexpr bool reads = true;

  explicit Decoder(std::string_view body) : rest_(body) {}
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  bool failed() const { return failed_; }
  /// Everything was read, and nothing is left.
  bool complete() const { return !failed_ && rest_.empty(); }

  template <class Number>
  requires std::is_arithmetic_v<Number>
  void value(Number& number) {
    number = {};
    if (const char* from = next(sizeof number)) std::memcpy(&number, from, sizeof number);
  }
  void value(scanhost_text& text) {
    const std::string_view some = bytes();
    text = {some.data(), some.size()};
  }
  void value(scanhost_bytes& out) {
    const std::string_view some = bytes();
    out = {reinterpret_cast<const uint8_t*>(some.data()), some.size()};
  }
  void value(scanhost_texts& texts) { array(texts.items, texts.count); }
  void value(scanhost_pair& pair) {
    value(pair.name);
    value(pair.value);
  }
  void value(scanhost_pairs& pairs) { array(pairs.items, pairs.count); }

  template <class Item>
  void array(const Item*& items, std::uint64_t& count) {
    count = counted(sizeof(Item) < 8 ? sizeof(Item) : 8);
    Item* made = allocate<Item>(count);
    for (std::uint64_t i = 0; i < count; ++i) item(made[i]);
    items = made;
  }
  template <class Record>
  void records(const Record* const*& items, std::uint64_t& count) {
    count = counted(8);
    auto* pointers = allocate<const Record*>(count);
    std::uint64_t read = 0;
    for (; read < count && !failed_; ++read) {
      Record* record = allocate<Record>(1);
      members(*this, *record);
      pointers[read] = record;
    }
    count = failed_ ? 0 : read;
    items = pointers;
  }
  template <class Record>
  void optional(const Record*& record) {
    record = nullptr;
    std::uint8_t there = 0;
    value(there);
    if (there == 0 || failed_) return;
    Record* made = allocate<Record>(1);
    members(*this, *made);
    record = made;
  }
  template <class Record>
  void structSize(Record& record) {
    record.struct_size = sizeof(Record);
  }

 private:
  template <class Item>
  void item(Item& one) {
    if constexpr (requires { value(one); })
      value(one);
    else
      members(*this, one);
  }
  const char* next(std::uint64_t size) {
    if (failed_ || size > rest_.size()) {
      failed_ = true;
      return nullptr;
    }
    const char* const from = rest_.data();
    rest_.remove_prefix(static_cast<std::size_t>(size));
    return from;
  }
  std::string_view bytes() {
    std::uint64_t size = 0;
    value(size);
    const char* const from = next(size);
    return from ? std::string_view(from, static_cast<std::size_t>(size)) : std::string_view();
  }
  /// A count that the rest can hold, each item taking at least `least` bytes.
  std::uint64_t counted(std::size_t least) {
    std::uint64_t count = 0;
    value(count);
    if (count <= rest_.size() / least) return count;
    failed_ = true;
    return 0;
  }
  template <class Item>
  Item* allocate(std::uint64_t count) {
    const auto bytes = static_cast<std::size_t>(count) * sizeof(Item);
    void* const memory = arena_.allocate(bytes, alignof(Item));
    std::memset(memory, 0, bytes);
    return static_cast<Item*>(memory);
  }

  std::string_view rest_;
  bool failed_ = false;
  std::pmr::monotonic_buffer_resource arena_;
};

/// A record as `members` takes it: to fill for a Decoder, to read for an Encoder.
template <class Codec, class Record>
using Described = std::conditional_t<Codec::reads, Record, const Record>;

}  // namespace scanhost::runner
