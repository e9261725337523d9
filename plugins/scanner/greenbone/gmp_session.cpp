// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/scanner/greenbone/gmp_session.h"

#include <scanhost/error.h>

#include "plugins/shared/message/in_quotes.h"

namespace scanhost::greenbone {
namespace {

void wipe(std::string& text) {
  volatile char* bytes = text.data();  // volatile: a plain loop could be optimised away
  for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = 0;
  text.clear();
}

}  // namespace

GmpSession::GmpSession(const Config& config, Call& call)
    : config_(config), connection_(config, call) {
  logIn(call);
}

void GmpSession::logIn(Call& call) {
  std::string command = "<authenticate><credentials><username>" + escaped(config_.username) +
                        "</username><password>" + escaped(config_.password) +
                        "</password></credentials></authenticate>";
  EntityReader reader({});
  try {
    connection_.exchange(command, reader, call);
    wipe(command);
  } catch (const LostReply& reply) {
    wipe(command);
    call.check();
    throw PluginError(ErrorClass::transient, reply.what(), ErrorSubject::backend);
  } catch (...) {
    wipe(command);
    throw;
  }
  if (!reader.status().isGood())
    throw PluginError(ErrorClass::auth,
                      config_.url() + " refuses the login of " + inQuotes(config_.username) + ": " +
                          inQuotes(reader.status().text) + "; check username and password",
                      ErrorSubject::backend);
}

ResponseStatus GmpSession::change(const std::string& command, EntityReader& reader, Call& call) {
  connection_.exchange(command, reader, call);
  return reader.status();
}

void GmpSession::read(const std::string& command, ResponseReader& reader, std::string_view what,
                      Call& call) {
  try {
    connection_.exchange(command, reader, call);
  } catch (const LostReply& reply) {
    call.check();
    throw PluginError(ErrorClass::transient, reply.what(), ErrorSubject::backend);
  }
  if (!reader.status().isGood()) refuse(reader.status(), what);
}

void GmpSession::refuse(const ResponseStatus& status, std::string_view what) const {
  const std::string told = config_.url() + " answers " + std::to_string(status.code) + " " +
                           inQuotes(status.text) + " to the request for " + std::string(what);
  switch (status.code) {
    case 400: throw PluginError(ErrorClass::config, told);
    case 401:
    case 403:
      throw PluginError(ErrorClass::auth, told + "; give our user the permission",
                        ErrorSubject::backend);
    case 404: throw PluginError(ErrorClass::lost, told);
    case 409:
      throw PluginError(ErrorClass::busy, told, ErrorSubject::task, std::chrono::seconds(5));
    case 500: throw PluginError(ErrorClass::transient, told);
    case 503:
      throw PluginError(ErrorClass::busy, told, ErrorSubject::backend, std::chrono::seconds(30));
    default: throw PluginError(ErrorClass::unsupported, told, ErrorSubject::backend);
  }
}

}  // namespace scanhost::greenbone
