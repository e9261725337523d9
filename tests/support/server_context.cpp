// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/server_context.h"

namespace scanhost::testing_support {

Result<Poco::Net::Context::Ptr> serverContext(const Certificate& certificate) {
  Poco::Net::Context::Ptr context = new Poco::Net::Context(
      Poco::Net::Context::TLS_SERVER_USE, "", "", "", Poco::Net::Context::VERIFY_NONE, 9, false);
  context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
  if (!useCertificate(context->sslContext(), certificate))
    return fail(ErrorClass::config,
                "certificate and key do not belong together or cannot be read; "
                "give both in PEM form, without a passphrase");
  return context;
}

}  // namespace scanhost::testing_support
