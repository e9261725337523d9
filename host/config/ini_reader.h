// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// INI text into the same ConfigNode tree that YAML gives.
///
///     [http]
///     listen = 127.0.0.1:8835       ; a comment, after a space
///     tls.certificate = /etc/scanhost/tls/cert.pem
///     [scanners.local]              ; an entry of the list `scanners`, its name is `local`
///     plugin = scanner-nmap
///     config.paths = [/usr/bin, /bin]
///
/// Dots nest, in sections and in keys; a part that holds a dot itself is quoted. Below `scanners`,
/// `transports` and `exporters` the next part of a section labels an entry of a list: it becomes
/// the entry's `name` (scanners) or `plugin` (the others) unless the entry sets that key.
/// A value may be quoted, "like this", with \" and \\ inside. One file may hold a section twice.
#pragma once

#include <memory>
#include <string_view>

#include "host/config/config_node.h"

namespace scanhost {

/// Reports every bad line and goes on with the next. Never throws; safe to call from any thread.
ConfigNode readIni(std::string_view text, std::shared_ptr<const std::string> file,
                   Problems& problems);

}  // namespace scanhost
