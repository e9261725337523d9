// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What all examples do the same way: say how they are called, and turn errors into messages.
#ifndef SCANHOST_CLIENT_EXAMPLES_SHARED_H
#define SCANHOST_CLIENT_EXAMPLES_SHARED_H

#include <scanhost/client/client.h>

#include <exception>
#include <functional>
#include <iostream>
#include <string>

namespace examples {

/// Text from a scanner is written by strangers; as JSON it cannot move the cursor.
inline std::string shown(const std::string& text) {
  return scanhost::Json(text).dump(true);
}

inline void printStatus(const scanhost::client::ScanStatus& status) {
  std::cout << status.status;
  if (status.progress) std::cout << ' ' << *status.progress << '%';
  std::cout << std::endl;
}

/// Runs `body` with the first argument, or explains itself. The service is taken from SCANHOST_URL
/// and SCANHOST_TOKEN.
inline int run(int argc, char** argv, const char* argument,
               const std::function<int(const std::string&)>& body) {
  if (argc != 2) {
    std::cerr << "usage: " << argv[0] << ' ' << argument << '\n';
    return 2;
  }
  try {
    return body(argv[1]);
  } catch (const scanhost::client::ServiceError& error) {
    std::cerr << "refused (" << error.code() << "): " << shown(error.what()) << '\n';
    if (!error.hint().empty()) std::cerr << "hint: " << shown(error.hint()) << '\n';
    return 1;
  } catch (const std::exception& error) {
    std::cerr << shown(error.what()) << '\n';
    return 1;
  }
}

}  // namespace examples

#endif
