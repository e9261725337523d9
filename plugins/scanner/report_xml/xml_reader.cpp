// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/report_xml/xml_reader.h"

#include <libxml/SAX2.h>
#include <libxml/globals.h>
#include <libxml/parser.h>
#include <libxml/xmlerror.h>

#include <mutex>
#include <new>
#include <utility>

namespace scanhost::report_xml {
namespace {

constexpr std::size_t piece_bytes = 64u << 10;  ///< what libxml2 is given at once

std::string_view asView(const xmlChar* text) {
  return text ? std::string_view(reinterpret_cast<const char*>(text)) : std::string_view();
}

/// libxml2's tables are set up once; in several threads at once that is a race.
void initialiseLibrary() {
  static std::once_flag once;
  std::call_once(once, [] { xmlInitParser(); });
}

/// What libxml2 found, without the excerpts that it would print. (With no error function in the SAX
/// table it prints nothing.)
std::string complaint(xmlParserCtxt& context) {
  const xmlError* error = xmlCtxtGetLastError(&context);
  if (!error || !error->message) return "it is not well-formed";
  std::string message = error->message;
  while (!message.empty() && message.back() == '\n') message.pop_back();
  return message + " in line " + std::to_string(error->line);
}

void sayNothing(void*, const char*, ...) {}

/// Keeps libxml2 from printing while it lives: what fails below the parser, such as a conversion
/// from another encoding, it would write to standard error, past the log. The setting is the
/// thread's.
class QuietLibrary {
 public:
  QuietLibrary() {
    xmlSetStructuredErrorFunc(nullptr, [](void*, xmlErrorPtr) {});
    xmlSetGenericErrorFunc(nullptr, &sayNothing);
  }
  QuietLibrary(const QuietLibrary&) = delete;
  QuietLibrary& operator=(const QuietLibrary&) = delete;
  ~QuietLibrary() {
    xmlSetStructuredErrorFunc(structured_context_, structured_);
    xmlSetGenericErrorFunc(generic_context_, generic_);
  }

 private:
  void* const structured_context_ = xmlStructuredErrorContext;
  const xmlStructuredErrorFunc structured_ = xmlStructuredError;
  void* const generic_context_ = xmlGenericErrorContext;
  const xmlGenericErrorFunc generic_ = xmlGenericError;
};

/// The first bytes of other encodings, by which libxml2 would switch to them, begin otherwise or
/// hold a NUL.
bool beginsAsUtf8(char first) {
  return first == '<' || first == '\xEF' || first == ' ' || first == '\n' || first == '\r' ||
         first == '\t';
}

/// libxml2 stopped at bytes that it cannot convert. It answers so without calling the document
/// malformed, and from then on reads nothing.
bool isHalted(int code) {
  return code == XML_PARSER_EOF || code == XML_ERR_INVALID_ENCODING;
}

}  // namespace

const char* XmlAttributes::find(std::string_view name) const noexcept {
  for (const unsigned char** item = items_; item && *item; item += 2)
    if (view(item[0]) == name) return item[1] ? reinterpret_cast<const char*>(item[1]) : "";
  return nullptr;
}

std::string_view XmlAttributes::operator[](std::string_view name) const noexcept {
  const char* value = find(name);
  return value ? std::string_view(value) : std::string_view();
}

/// The functions that libxml2 calls. No exception may pass through it, so what a handler throws is
/// kept and the parser stopped.
struct XmlReader::Callbacks {
  static XmlReader& of(void* context) {
    return *static_cast<XmlReader*>(static_cast<xmlParserCtxt*>(context)->_private);
  }

  template <class Step>
  static void guarded(void* context, Step&& step) noexcept {
    XmlReader& self = of(context);
    if (self.thrown_ || !self.refusal_.empty()) return;
    try {
      step(self);
    } catch (...) {
      self.thrown_ = std::current_exception();
      xmlStopParser(static_cast<xmlParserCtxt*>(context));
    }
  }

  static void start(void* context, const xmlChar* name, const xmlChar** attributes) {
    guarded(context, [&](XmlReader& self) {
      if (++self.depth_ > self.bounds_.depth)
        return self.stop("elements nest deeper than " + std::to_string(self.bounds_.depth));
      std::size_t count = 0;
      for (const xmlChar** item = attributes; item && *item; item += 2) ++count;
      if (count > self.bounds_.attributes)
        return self.stop("an element has more than " + std::to_string(self.bounds_.attributes) +
                         " attributes");
      self.handler_.onStart(asView(name), XmlAttributes(attributes));
    });
  }

  static void end(void* context, const xmlChar* name) {
    guarded(context, [&](XmlReader& self) {
      --self.depth_;
      self.handler_.onEnd(asView(name));
    });
  }

  static void text(void* context, const xmlChar* data, int size) {
    guarded(context, [&](XmlReader& self) {
      self.handler_.onText({reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)});
    });
  }

  static void doctype(void* context, const xmlChar* name, const xmlChar* public_id,
                      const xmlChar* system_id) {
    guarded(context, [&](XmlReader& self) {
      const auto* parser = static_cast<xmlParserCtxt*>(context);
      const bool bare = !public_id && !system_id && *parser->input->cur != '[';
      if (!bare || self.bounds_.bare_doctype.empty() || asView(name) != self.bounds_.bare_doctype)
        self.stop("it has a document type declaration, which no report of this scanner has");
    });
  }

  static xmlEntityPtr entity(void*, const xmlChar* name) { return xmlGetPredefinedEntity(name); }
  static xmlEntityPtr parameterEntity(void* context, const xmlChar*) {
    refuseDeclaration(context);
    return nullptr;
  }

  static void refuseDeclaration(void* context) {
    guarded(context, [](XmlReader& self) { self.stop("it declares entities or elements"); });
  }
  static void entityDeclaration(void* context, const xmlChar*, int, const xmlChar*, const xmlChar*,
                                xmlChar*) {
    refuseDeclaration(context);
  }
  static void attributeDeclaration(void* context, const xmlChar*, const xmlChar*, int, int,
                                   const xmlChar*, xmlEnumerationPtr values) {
    xmlFreeEnumeration(values);
    refuseDeclaration(context);
  }
  static void elementDeclaration(void* context, const xmlChar*, int, xmlElementContentPtr) {
    refuseDeclaration(context);
  }
  static void notationDeclaration(void* context, const xmlChar*, const xmlChar*, const xmlChar*) {
    refuseDeclaration(context);
  }
  static void unparsedEntity(void* context, const xmlChar*, const xmlChar*, const xmlChar*,
                             const xmlChar*) {
    refuseDeclaration(context);
  }

  static const xmlSAXHandler& table() {
    static const xmlSAXHandler handler = [] {
      xmlSAXHandler made{};
      made.initialized = 1;  // SAX1: names with their prefixes, as reports are specified by
      made.internalSubset = &doctype;
      made.getEntity = &entity;
      made.getParameterEntity = &parameterEntity;
      made.entityDecl = &entityDeclaration;
      made.attributeDecl = &attributeDeclaration;
      made.elementDecl = &elementDeclaration;
      made.notationDecl = &notationDeclaration;
      made.unparsedEntityDecl = &unparsedEntity;
      made.startElement = &start;
      made.endElement = &end;
      made.characters = &text;
      made.cdataBlock = &text;
      return made;
    }();
    return handler;
  }
};

void XmlReader::FreeContext::operator()(_xmlParserCtxt* context) const noexcept {
  if (context->myDoc) xmlFreeDoc(context->myDoc);
  xmlFreeParserCtxt(context);
}

XmlReader::XmlReader(XmlHandler& handler, XmlBounds bounds)
    : handler_(handler), bounds_(std::move(bounds)) {
  initialiseLibrary();
  xmlSAXHandler table = Callbacks::table();
  context_.reset(xmlCreatePushParserCtxt(&table, nullptr, nullptr, 0, nullptr));
  if (!context_) throw std::bad_alloc();
  context_->_private = this;
  // NOENT resolves the predefined entities in attributes too; there are no others (see entity()).
  // NONET and the absence of DTDLOAD and HUGE keep libxml2's own bounds. IGNORE_ENC: reports are
  // UTF-8, and what its converters make of bad bytes depends on how the bytes come.
  xmlCtxtUseOptions(context_.get(),
                    XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_SAX1 | XML_PARSE_IGNORE_ENC);
}

XmlReader::~XmlReader() = default;

void XmlReader::stop(std::string reason) noexcept {
  refusal_ = std::move(reason);
  xmlStopParser(context_.get());
}

void XmlReader::parse(const char* data, int size, bool last) {
  const QuietLibrary quiet;
  const int code = xmlParseChunk(context_.get(), data, size, last ? 1 : 0);
  if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
  if (!refusal_.empty()) throw XmlError(refusal_);
  if (isHalted(code)) throw XmlError("it holds bytes that are not UTF-8");
  if (code != XML_ERR_OK && context_->wellFormed == 0) throw XmlError(complaint(*context_));
}

void XmlReader::feed(std::string_view bytes) {
  if (bytes_ == 0 && !bytes.empty() && !beginsAsUtf8(bytes.front()))
    throw XmlError("it does not begin as XML in UTF-8 does");
  if (bytes.find('\0') != bytes.npos) throw XmlError("it holds a NUL");
  bytes_ += bytes.size();
  if (bytes_ > bounds_.bytes)
    throw XmlError("it is larger than " + std::to_string(bounds_.bytes) + " bytes");
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
    const std::string_view piece = bytes.substr(at, piece_bytes);
    parse(piece.data(), static_cast<int>(piece.size()), false);
  }
}

void XmlReader::finish() {
  parse(nullptr, 0, true);
}

}  // namespace scanhost::report_xml
