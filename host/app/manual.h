// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the manual page of scanhost(8) says beside its commands and options.
#pragma once

#include "sdk/pages/command_page.h"

namespace scanhost {

pages::PageTexts programManual();

}  // namespace scanhost
