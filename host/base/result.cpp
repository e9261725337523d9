// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/base/result.h"

namespace scanhost {

const char* errorClassName(ErrorClass error_class) {
  switch (error_class) {
    case ErrorClass::transient: return "transient";
    case ErrorClass::internal: return "internal";
    case ErrorClass::busy: return "busy";
    case ErrorClass::auth: return "auth";
    case ErrorClass::config: return "config";
    case ErrorClass::target: return "target";
    case ErrorClass::unsupported: return "unsupported";
    case ErrorClass::lost: return "lost";
    case ErrorClass::ambiguous: return "ambiguous";
    case ErrorClass::cancelled: return "cancelled";
    case ErrorClass::timeout: return "timeout";
  }
  return "internal";  // an unknown class from a newer plugin
}

}  // namespace scanhost
