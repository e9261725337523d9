// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/content.h"

#include <algorithm>
#include <cstdint>

#include "plugins/transport/mcp/json_members.h"

namespace scanhost::mcp {
namespace {

std::string plain(std::string_view text) {
  std::string out = "{\"type\":\"text\",\"text\":";
  out.reserve(text.size() * 9 / 8 + 64);
  Json::writeString(out, text);
  return out;
}

std::string asText(const ContentHead& link) {
  std::string text(link.title.empty() ? link.name : link.title);
  if (!text.empty()) text += ": ";
  return text += link.uri;
}

std::string media(const char* type, const ContentHead& head, std::string_view bytes) {
  std::string out = "{\"type\":\"";
  out += type;
  out += "\",\"data\":\"";
  out += encodeBase64(bytes);
  out += '"';
  appendOptional(out, "mimeType", head.media_type);
  return out;
}

std::string link(const ContentHead& head) {
  std::string out = "{\"type\":\"resource_link\",\"uri\":";
  Json::writeString(out, head.uri);
  out += ",\"name\":";
  Json::writeString(out, head.name.empty() ? head.uri : head.name);
  appendOptional(out, "title", head.title);
  appendOptional(out, "description", head.description);
  appendOptional(out, "mimeType", head.media_type);
  if (head.size >= 0) out += ",\"size\":" + std::to_string(head.size);
  return out;
}

/// {"uri":...,"mimeType":...,"text" or "blob":...}
std::string contents(const ContentHead& head, std::string_view bytes) {
  std::string out = "{\"uri\":";
  Json::writeString(out, head.uri);
  appendOptional(out, "mimeType", head.media_type);
  if (head.binary) {
    out += ",\"blob\":\"";
    out += encodeBase64(bytes);
    out += '"';
  } else {
    out += ",\"text\":";
    Json::writeString(out, bytes);
  }
  return out += '}';
}

}  // namespace

std::string encodeBase64(std::string_view bytes) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (i + k < bytes.size() ? static_cast<std::uint8_t>(bytes[i + k]) : 0u);
    for (std::size_t k = 0; k < 4; ++k)
      out += i + k <= bytes.size() ? digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

bool ContentList::add(const ContentHead& head, std::string_view piece, bool more) {
  if (piece.size() > max_bytes - std::min(max_bytes, list_.size() + begun_.size())) return false;
  if (more) {
    begun_ += piece;
    return true;
  }
  if (begun_.empty()) {
    finish(head, piece);
  } else {
    begun_ += piece;
    finish(head, begun_);
    begun_.clear();
  }
  return true;
}

void ContentList::finish(const ContentHead& head, std::string_view bytes) {
  if (!list_.empty()) list_ += ',';
  if (form_ == Form::resource) {
    list_ += contents(head, bytes);
    return;
  }
  std::string item;
  switch (head.kind) {
    case ContentKind::text: item = plain(bytes); break;
    case ContentKind::image: item = media("image", head, bytes); break;
    case ContentKind::audio:
      item = hasAudio(revision_) ? media("audio", head, bytes)
                                 : plain("(audio, " + std::string(head.media_type) + ", " +
                                         std::to_string(bytes.size()) + " bytes)");
      break;
    case ContentKind::resource:
      item = "{\"type\":\"resource\",\"resource\":" + contents(head, bytes);
      break;
    case ContentKind::link:
      item = hasStructure(revision_) ? link(head) : plain(asText(head));
      break;
  }
  if (!head.annotations.empty()) appendMember(item, "annotations", head.annotations);
  item += '}';
  if (form_ == Form::prompt)
    list_ += "{\"role\":\"" +
             std::string(head.role == SCANHOST_ROLE_ASSISTANT ? "assistant" : "user") +
             "\",\"content\":" + item + '}';
  else
    list_ += item;
}

}  // namespace scanhost::mcp
