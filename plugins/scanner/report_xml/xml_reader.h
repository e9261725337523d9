// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Reads a scanner's XML report piece by piece, trusting none of it.
///
/// A report holds text that scanned hosts chose, and comes over a network. So: nothing external is
/// ever loaded, only the five predefined entities exist, a document type declaration stops the
/// reader (nmap's bare one may be let through), and depth, attributes and size are bounded. Memory
/// stays the same however long a text is, for text arrives in pieces; an attribute, a comment or a
/// tag must fit in libxml2's own bound of 10 MB.
///
/// For one thread at a time. What a handler throws comes out of feed() or finish().
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

struct _xmlParserCtxt;

namespace scanhost::report_xml {

/// The document is not well-formed, is cut off, or breaks a bound.
class XmlError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The attributes of one start tag; borrowed for the call.
class XmlAttributes {
 public:
  explicit XmlAttributes(const unsigned char** items) noexcept : items_(items) {}

  /// The value, or empty when there is none of that name.
  std::string_view operator[](std::string_view name) const noexcept;
  bool has(std::string_view name) const noexcept { return find(name) != nullptr; }

  /// Calls `visit(name, value)` for each, in their order.
  template <class Visit>
  void forEach(Visit&& visit) const {
    for (const unsigned char** item = items_; item && *item; item += 2)
      visit(view(item[0]), view(item[1]));
  }

 private:
  static std::string_view view(const unsigned char* text) noexcept {
    return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
  }
  const char* find(std::string_view name) const noexcept;

  const unsigned char** items_;  ///< name, value, name, value, ..., null; null when there are none
};

/// Names come as written, with their prefix; texts are UTF-8 with entities resolved.
class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void onStart(std::string_view name, const XmlAttributes& attributes) = 0;
  virtual void onEnd(std::string_view name) = 0;
  /// A piece of text; one text may come in many.
  virtual void onText(std::string_view text) = 0;
};

struct XmlBounds {
  std::size_t depth = 64;
  std::size_t attributes = 64;       ///< of one element
  std::uint64_t bytes = 4ull << 30;  ///< of the whole document
  /// The one document type that may be declared, with nothing but its name; empty: none.
  std::string bare_doctype = {};
};

class XmlReader {
 public:
  explicit XmlReader(XmlHandler& handler, XmlBounds bounds = {});
  ~XmlReader();
  XmlReader(const XmlReader&) = delete;
  XmlReader& operator=(const XmlReader&) = delete;

  /// Reads the next bytes. Throws XmlError; after that only destruction makes sense.
  void feed(std::string_view bytes);
  /// Says that there is no more. Throws XmlError when the document is not complete.
  void finish();

  std::uint64_t bytesRead() const noexcept { return bytes_; }

 private:
  struct Callbacks;
  struct FreeContext {
    void operator()(_xmlParserCtxt* context) const noexcept;
  };

  void parse(const char* data, int size, bool last);
  void stop(std::string reason) noexcept;

  XmlHandler& handler_;
  XmlBounds bounds_;
  std::unique_ptr<_xmlParserCtxt, FreeContext> context_;
  std::uint64_t bytes_ = 0;
  std::size_t depth_ = 0;
  std::string refusal_;        ///< why this reader stopped the parser
  std::exception_ptr thrown_;  ///< what the handler threw
};

}  // namespace scanhost::report_xml
