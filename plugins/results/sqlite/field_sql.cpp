// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

#include "plugins/results/sqlite/field_sql.h"

#include <scanhost/error.h>

#include <string>

namespace scanhost::results_sqlite {
namespace {

constexpr Needs texts{true, false};
constexpr Needs sightings{false, true};

constexpr FieldSql fields[] = {
    {"host", FieldType::text, "f.host"},
    {"port", FieldType::number, "f.port_number"},
    {"protocol", FieldType::text, "f.protocol"},
    {"service", FieldType::text, "f.service"},
    {"plugin_id", FieldType::text, "f.plugin_id"},
    {"plugin_name", FieldType::text, "f.plugin_name"},
    {"plugin_family", FieldType::text, "f.plugin_family"},
    {"severity", FieldType::number, "f.severity", {}, true},
    {"severity_name", FieldType::text,
     "CASE f.severity WHEN 0 THEN 'info' WHEN 1 THEN 'low' WHEN 2 THEN 'medium' WHEN 3 THEN 'high' "
     "WHEN 4 THEN 'critical' ELSE '' END"},
    {"cvss_base_score", FieldType::number, "f.cvss_base_score"},
    {"cvss_temporal_score", FieldType::number, "f.cvss_temporal_score"},
    {"cvss3_base_score", FieldType::number, "f.cvss3_base_score"},
    {"cvss3_temporal_score", FieldType::number, "f.cvss3_temporal_score"},
    {"cvss4_base_score", FieldType::number, "f.cvss4_base_score"},
    {"vpr_score", FieldType::number, "f.vpr_score"},
    {"epss_score", FieldType::number, "f.epss_score"},
    {"cvss_score", FieldType::number,
     "coalesce(f.cvss4_base_score, f.cvss3_base_score, f.cvss_base_score)"},
    {"cve", FieldType::list, "f.cve"},
    {"cwe", FieldType::list, "f.cwe"},
    {"xref", FieldType::list, "f.xref"},
    {"exploit_available", FieldType::number, "f.exploit_available"},
    {"scanner_family", FieldType::text, "f.scanner_family"},
    {"fingerprint", FieldType::text, "f.fingerprint"},
    {"first_seen", FieldType::number, "min(coalesce(s.first_us, g.created_us), g.created_us)",
     sightings, true},
    {"last_seen", FieldType::number, "max(coalesce(s.last_us, g.created_us), g.created_us)",
     sightings, true},
    {"cvss_vector", FieldType::text, "t.cvss_vector", texts},
    {"cvss3_vector", FieldType::text, "t.cvss3_vector", texts},
    {"cvss4_vector", FieldType::text, "t.cvss4_vector", texts},
    {"risk_factor", FieldType::text, "t.risk_factor", texts},
    {"synopsis", FieldType::text, "t.synopsis", texts},
    {"description", FieldType::text, "t.description", texts},
    {"solution", FieldType::text, "t.solution", texts},
    {"see_also", FieldType::text, "t.see_also", texts},
    {"plugin_output", FieldType::text, "t.plugin_output", texts},
    {"plugin_publication_date", FieldType::text, "t.plugin_publication_date", texts},
    {"plugin_modification_date", FieldType::text, "t.plugin_modification_date", texts},
    {"vuln_publication_date", FieldType::text, "t.vuln_publication_date", texts},
    {"patch_publication_date", FieldType::text, "t.patch_publication_date", texts},
    {"truncated", FieldType::list, "t.truncated", texts},
    {"extra", FieldType::object, "t.extra", texts},
};

}  // namespace

const FieldSql& fieldSql(std::string_view name) {
  for (const FieldSql& field : fields)
    if (field.name == name) return field;
  throw PluginError(ErrorClass::unsupported,
                    "results-sqlite knows no field '" + std::string(name.substr(0, 64)) + "'");
}

}  // namespace scanhost::results_sqlite
