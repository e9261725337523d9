// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <memory>

#include "host/base/escape.h"
#include "host/ctl/exit_code.h"
#include "host/ctl/filters.h"
#include "host/ctl/output.h"
#include "host/ctl/terminal.h"
#include "host/ctl/verbs.h"

namespace scanhost::ctl {
namespace {

/// All fields of a finding, for the profile "full", which does not name its own.
constexpr const char* all_fields[] = {"host",
                                      "port",
                                      "protocol",
                                      "service",
                                      "plugin_id",
                                      "plugin_name",
                                      "plugin_family",
                                      "severity",
                                      "severity_name",
                                      "cvss_score",
                                      "cvss_base_score",
                                      "cvss_temporal_score",
                                      "cvss3_base_score",
                                      "cvss3_temporal_score",
                                      "cvss4_base_score",
                                      "vpr_score",
                                      "epss_score",
                                      "cvss_vector",
                                      "cvss3_vector",
                                      "cvss4_vector",
                                      "risk_factor",
                                      "cve",
                                      "cwe",
                                      "xref",
                                      "synopsis",
                                      "description",
                                      "solution",
                                      "see_also",
                                      "plugin_output",
                                      "exploit_available",
                                      "plugin_publication_date",
                                      "plugin_modification_date",
                                      "vuln_publication_date",
                                      "patch_publication_date",
                                      "first_seen",
                                      "last_seen",
                                      "fingerprint",
                                      "scanner_family",
                                      "extra",
                                      "truncated"};

/// What fits a line of a terminal; the long texts are for the other formats or --fields.
constexpr const char* table_fields[] = {"severity",   "host",      "port",
                                        "protocol",   "plugin_id", "plugin_name",
                                        "cvss_score", "cve",       "exploit_available"};

/// The default profile has no port, without which rows of a table look alike.
std::vector<std::string> fieldsOf(const ResultsCommand& command, Format format) {
  if (format != Format::table || command.profile != "brief" || !command.fields.empty())
    return command.fields;
  return {std::begin(table_fields), std::end(table_fields)};
}

client::ResultsQuery queryOf(const ResultsCommand& command, Format format) {
  client::ResultsQuery query;
  query.schema_profile = command.profile;
  query.custom_fields = fieldsOf(command, format);
  query.filters = readFilters(command.filters);
  query.sort = command.sort;
  query.page = command.page;
  query.page_size = command.page_size;
  query.partial = command.partial;
  return query;
}

bool serves(const Json& fields, const std::string& name) {
  if (!fields.isArray()) return true;
  for (const Json& field : fields.items())
    if (field.asString() == name) return true;
  return false;
}

std::vector<Column> columnsOf(const ResultsCommand& command, Format format, const Json& schema) {
  std::vector<Column> columns;
  const auto add = [&columns](const std::string& name) { columns.push_back({name, name}); };
  const Json& fields = schema["fields"];
  if (!command.fields.empty()) {
    for (const std::string& name : command.fields) add(name);
  } else if (format == Format::table) {
    for (const char* name : table_fields)
      if (serves(fields, name)) add(name);
  } else if (fields.isArray()) {
    for (const Json& field : fields.items()) add(field.asString());
  } else {
    for (const char* name : all_fields) add(name);
  }
  return columns;
}

/// "Nothing found" and "nothing tested" look alike in an empty table, so this always speaks.
void describeCoverage(const client::ResultsPage& page) {
  const Json& coverage = page.scan_metadata["coverage"];
  const std::int64_t found = page.schema["total_vulnerabilities"].asInteger();
  std::cerr << found << (found == 1 ? " finding" : " findings") << "; hosts answered: ";
  if (coverage["hosts_answered"].isInteger())
    std::cerr << coverage["hosts_answered"].asInteger() << " of "
              << coverage["addresses_requested"].asInteger();
  else
    std::cerr << "unknown";
  const std::string& login = page.scan_metadata["authentication_status"].asString();
  if (!login.empty() && login != "not_applicable") std::cerr << "; login: " << forTerminal(login);
  std::cerr << '\n';
  if (!page.schema["complete"].asBool(true))
    std::cerr << "warning: incomplete, the scan is "
              << forTerminal(page.scan_metadata["status"].asString()) << '\n';
}

void describePosition(const client::ResultsPage& page) {
  const Json& position = page.pagination;
  if (!position["has_next"].asBool()) return;
  std::cerr << "page " << position["page"].asInteger() << " of "
            << position["total_pages"].asInteger() << "; go on with --page "
            << position["next_page"].asInteger() << " or --all\n";
}

/// JSON lines are the service's own, as they came; of later pages only the findings.
void writeLines(const client::ResultsPage& page, bool first) {
  if (first) {
    std::cout << page.text << std::endl;
    return;
  }
  for (const Json& finding : page.findings) std::cout << finding.dump(true) << '\n';
  std::cout << std::flush;
}

}  // namespace

int results(const ResultsCommand& command, const CommonOptions& common) {
  const client::ResultsQuery query = queryOf(command, common.format);
  client::Client client = connect(common);
  std::unique_ptr<RecordWriter> writer;
  const auto show = [&](const client::ResultsPage& page) {
    const bool first = writer == nullptr;
    if (first) {
      describeCoverage(page);
      writer = std::make_unique<RecordWriter>(std::cout, common.format,
                                              columnsOf(command, common.format, page.schema),
                                              terminalWidth());
    }
    if (common.format == Format::jsonl) return writeLines(page, first);
    for (const Json& finding : page.findings) writer->add(finding);
    writer->endPage();
  };
  if (command.all) {
    client.for_each_page(command.task_id, query, show);
  } else {
    const client::ResultsPage page = client.get_results(command.task_id, query);
    show(page);
    describePosition(page);
  }
  writer->finish();
  return exit_done;
}

}  // namespace scanhost::ctl
