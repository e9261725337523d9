// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What `scanhost config migrate` tells beside the file it writes: nothing is left out in silence.
///
/// Plain values, no threads. A note never holds the value of a variable or a key.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "host/config/problem.h"

namespace scanhost {

enum class NoteKind {
  changed,  ///< it is there, and behaves in another way
  dropped,  ///< it has no place in the new file
  decide,   ///< it waits for something that only people can know or do
};

struct MigrationNote {
  NoteKind kind = NoteKind::decide;
  std::string where;  ///< a variable, "scanners.yaml:5", or a key of the new file
  std::string text;
};

/// "decide: scanners.yaml:5: ..."
std::string formatNote(const MigrationNote& note);

/// "scanners.yaml:5"
std::string placeText(const Place& place);

class MigrationNotes {
 public:
  void changed(const std::string& where, std::string text) {
    notes_.push_back({NoteKind::changed, where, std::move(text)});
  }
  void dropped(const std::string& where, std::string text) {
    notes_.push_back({NoteKind::dropped, where, std::move(text)});
  }
  void decide(const std::string& where, std::string text) {
    notes_.push_back({NoteKind::decide, where, std::move(text)});
  }

  /// In the order of the kinds, and as they came within each.
  std::vector<MigrationNote> take();

 private:
  std::vector<MigrationNote> notes_;
};

}  // namespace scanhost
