// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What secrets look like where nobody says that they are some: by their name, by their form, by
/// where they stand. Errs on the side of hiding. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace scanhost::ctl {

/// Stands for a secret, here as in what plugins write.
inline constexpr std::string_view redacted = "[redacted]";

/// Whether a value of that name is likely to be a secret: "db_password", "apiKey",
/// "Authorization". Names of files that hold one ("key_file") and of what is public
/// ("instance_key") are not.
bool isSecretName(std::string_view name);

/// The userinfo of a URL that is the whole text, up to its last '@', for passwords hold what they
/// should not; empty when it has none.
std::string_view userinfoOf(std::string_view url);

/// Whether a program takes "user:password" behind that option: "-u", "--user".
bool isLoginOption(std::string_view word);

/// The text without
/// - userinfo in URLs (unless it is a reference such as ${env:NAME}), "user:password@host"
/// - what follows Bearer and Basic, tokens that are told by how they begin (ours, JSON Web Tokens,
///   those of a few services), private keys in PEM form
/// - values assigned to secret names: "password=...", "\"token\": \"...\"", "--password ...",
///   "<password>...</password>", "Cookie: ..." to the end of its line
/// - logins behind "-u" and "--user".
std::string withoutSecretShapes(std::string text);

}  // namespace scanhost::ctl
