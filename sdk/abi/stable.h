/* SPDX-FileCopyrightText: scanhost contributors
 * SPDX-License-Identifier: Apache-2.0 */

/// Every stable header of the plugin ABI.
#ifndef SCANHOST_SDK_ABI_STABLE_H
#define SCANHOST_SDK_ABI_STABLE_H

#include <scanhost/abi/exporter.h>
#include <scanhost/abi/host_operations.h>
#include <scanhost/abi/http.h>
#include <scanhost/abi/operations.h>
#include <scanhost/abi/plugin.h>
#include <scanhost/abi/queue.h>
#include <scanhost/abi/scanner.h>
#include <scanhost/abi/services.h>
#include <scanhost/abi/transport.h>

#endif
