// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Prompts for agents: plan a scan, read its findings, compare it with the one before.
#pragma once

#include <vector>

#include "host/operations/operations.h"

namespace scanhost {

const std::vector<PromptInfo>& promptList();

/// The messages of a prompt. Refuses one that is not known, or an argument that is missing.
void fillPrompt(const Operations& operations, const ProviderCall& call, ReplySink& sink);

}  // namespace scanhost
