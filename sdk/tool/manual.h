// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the manual page of scanhost-plugin says beside its commands and options.
#pragma once

#include "sdk/pages/command_page.h"

namespace scanhost {

pages::PageTexts toolManual();

}  // namespace scanhost
