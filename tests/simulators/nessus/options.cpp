// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <iostream>

namespace scanhost::simulator {
namespace {

constexpr int exit_usage = 2;

struct RawOptions {
  std::string listen = "127.0.0.1:8834";
  double scan_seconds = 5;
  double export_seconds = 0.2;
  std::string licence = "manager";
  bool no_tls = false;
  std::int64_t idle_seconds = 1800;
};

std::chrono::microseconds microseconds(double seconds) {
  return std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
}

void declareOptions(CLI::App& app, RawOptions& raw, CommandLine& options) {
  Access::Options& access = options.api.access;
  app.add_option("--listen", raw.listen, "Address and port; port 0 is any free one")
      ->capture_default_str();
  app.add_option("--access-key", access.keys.access, "API access key")->required();
  app.add_option("--secret-key", access.keys.secret, "API secret key")->required();
  auto* username = app.add_option("--username", access.username, "User who may open a session");
  auto* password = app.add_option("--password", access.password, "That user's password");
  username->needs(password);
  password->needs(username);
  app.add_option("--reports", options.reports_folder,
                 "Folder of .nessus files; a scan whose name contains a file's stem gets it")
      ->check(CLI::ExistingDirectory);
  app.add_option("--seed", options.api.scans.seed, "What generated reports grow from")
      ->capture_default_str();
  app.add_option("--scan-seconds", raw.scan_seconds, "How long a scan takes")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  app.add_option("--export-seconds", raw.export_seconds, "How long an export takes")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  app.add_option("--idle-seconds", raw.idle_seconds, "When an unused session is forgotten")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--licence", raw.licence,
                 "manager: API keys control scans; professional: they get 412")
      ->check(CLI::IsMember({"manager", "professional"}))
      ->capture_default_str();
  app.add_flag("--gate-delete", options.api.gate_delete,
               "The professional licence refuses DELETE as well");
  auto* no_tls = app.add_flag("--no-tls", raw.no_tls, "Plain HTTP");
  auto* certificate = app.add_option("--certificate", options.certificate_file,
                                     "Certificate in PEM form instead of a fresh one")
                          ->check(CLI::ExistingFile);
  auto* key = app.add_option("--key", options.key_file, "Its private key in PEM form")
                  ->check(CLI::ExistingFile);
  certificate->needs(key)->excludes(no_tls);
  key->needs(certificate)->excludes(no_tls);
  app.add_option("--write-certificate", options.write_certificate,
                 "Write the certificate here, for clients to trust")
      ->excludes(no_tls);
  app.add_option("--faults", options.fault_file, "Rules for misbehaving, JSON")
      ->check(CLI::ExistingFile);
}

}  // namespace

Result<Listener::Address> parseAddress(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  Listener::Address address;
  if (colon != std::string::npos) {
    address.host = text.substr(0, colon);
    if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']')
      address.host = address.host.substr(1, address.host.size() - 2);
    const char* first = text.data() + colon + 1;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(first, last, address.port);
    if (error == std::errc() && end == last && !address.host.empty()) return address;
  }
  return fail(ErrorClass::config,
              "--listen '" + text + "' is no ADDRESS:PORT, such as 127.0.0.1:8834");
}

ParsedCommandLine parseCommandLine(int argc, const char* const* argv) {
  CLI::App app("A stand-in for a Nessus scanner, for tests: it scans nothing.", "nessus-simulator");
  RawOptions raw;
  CommandLine options;
  declareOptions(app, raw, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return {{}, app.exit(error, std::cout, std::cerr) == 0 ? 0 : exit_usage};
  }
  auto address = parseAddress(raw.listen);
  if (!address) {
    std::cerr << "nessus-simulator: " << address.error().message << '\n';
    return {{}, exit_usage};
  }
  options.listen = *address;
  options.tls = !raw.no_tls;
  options.api.scans.pace = Pace::ofTotal(microseconds(raw.scan_seconds));
  options.api.export_time = microseconds(raw.export_seconds);
  options.api.access.idle = std::chrono::seconds(raw.idle_seconds);
  options.api.licence = raw.licence == "manager" ? Licence::manager : Licence::professional;
  return {options, 0};
}

}  // namespace scanhost::simulator
