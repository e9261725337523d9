// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/config/migration_notes.h"

#include <algorithm>
#include <utility>

namespace scanhost {
namespace {

const char* kindName(NoteKind kind) {
  switch (kind) {
    case NoteKind::changed: return "changed";
    case NoteKind::dropped: return "dropped";
    case NoteKind::decide: return "decide";
  }
  return "decide";
}

}  // namespace

std::string formatNote(const MigrationNote& note) {
  std::string out = std::string(kindName(note.kind)) + ": " + note.where + ": " + note.text;
  // Keys and file names are in it, and it goes to a terminal.
  std::replace_if(
      out.begin(), out.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }, '?');
  return out;
}

std::string placeText(const Place& place) {
  return place.line > 0 ? place.file + ":" + std::to_string(place.line) : place.file;
}

std::vector<MigrationNote> MigrationNotes::take() {
  std::stable_sort(notes_.begin(), notes_.end(),
                   [](const MigrationNote& a, const MigrationNote& b) { return a.kind < b.kind; });
  return std::move(notes_);
}

}  // namespace scanhost
