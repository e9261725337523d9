// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What the manual page of scanhostctl says beside its commands and options.
#pragma once

#include "sdk/pages/command_page.h"

namespace scanhost::ctl {

pages::PageTexts manual();

}  // namespace scanhost::ctl
