// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The scan and policy templates a client chooses from. Constant, readable from any thread.
#pragma once

#include <scanhost/json.h>

#include <span>
#include <string>
#include <string_view>

namespace scanhost::simulator {

struct Template {
  const char* name;
  const char* title;
  /// As recorded from the product; where only its head was, the rest is derived from the name.
  std::string uuid;
  const char* description;
  bool agent = false;
};

std::span<const Template> templates();
/// Null when there is none.
const Template* findTemplate(std::string_view uuid);

/// {"templates":[...]}, with icons as large as the product's.
Json templateList();
/// The form of one template: which settings and credentials it accepts.
Json templateForm(const Template& chosen);

}  // namespace scanhost::simulator
