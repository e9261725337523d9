// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/shared/tls/client_context.h"

namespace scanhost::tls {

Poco::Net::Context::Ptr clientContext(ServerTrust& trust, const std::string& certificate,
                                      const std::string& key) {
  // VERIFY_NONE towards Poco, whose checks would ask the process-wide SSLManager: ServerTrust is
  // asked instead, within the handshake.
  Poco::Net::Context::Params params;
  params.verificationMode = Poco::Net::Context::VERIFY_NONE;
  params.loadDefaultCAs = false;
  params.certificateFile = certificate;
  params.privateKeyFile = key;
  Poco::Net::Context::Ptr context(
      new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, params));
  context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
  trust.installIn(context->sslContext());
  return context;
}

}  // namespace scanhost::tls
