// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include <scanhost/abi/operations.h>

#include <utility>

#include "host/findings/export_writer.h"
#include "host/findings/sort.h"
#include "host/operations/argument_table.h"
#include "host/operations/exports.h"
#include "host/operations/stored_results.h"

namespace scanhost {
namespace {

struct ExportArguments {
  std::string task_id, format;
  std::string schema_profile = "full";
  std::optional<Json> filters;
  bool partial = false;
};

/// One export, from its request to its link.
class Export {
  using Fault = std::optional<ServiceError>;

 public:
  Export(const Service& service, const ExportArguments& arguments, const OperationContext& context)
      : service_(service), arguments_(arguments), context_(context) {}

  OperationResult run() {
    if (Fault fault = prepare()) return tl::unexpected<ServiceError>(std::move(*fault));
    if (Fault fault = write()) return tl::unexpected<ServiceError>(std::move(*fault));
    const auto kept = service_.exports->files.keep(
        *file_, exportMediaType(format_),
        results_->task().id + "." + std::string(exportFormatName(format_)),
        context_.caller.subject);
    if (!kept) return tl::unexpected<ServiceError>(ServiceError::fromBackend(kept.error()));
    OperationAnswer answer{Json::object({{"format", exportFormatName(format_)},
                                         {"media_type", exportMediaType(format_)},
                                         {"url", service_.exports->url(kept->link)},
                                         {"bytes", kept->bytes},
                                         {"sha256", kept->sha256},
                                         {"expires_at", formatTimestamp(kept->expires)}})};
    return answer;
  }

 private:
  Fault prepare() {
    format_ = parseExportFormat(arguments_.format).value_or(ExportFormat::jsonl);
    auto projection = makeProjection(arguments_.schema_profile, {});
    if (!projection)
      return ServiceError::invalidArgument("schema_profile", projection.error().message);
    projection_ = std::move(*projection);
    auto conditions = readFilters(arguments_.filters);
    if (!conditions) return conditions.error();
    conditions_ = std::move(*conditions);
    auto found = StoredResults::find(service_, arguments_.task_id, arguments_.partial, context_);
    if (!found) return found.error();
    results_.emplace(std::move(*found));
    if (!service_.exports) return ServiceError::unavailable("This node keeps no exports");
    if (Fault fault = checkDisk()) return fault;
    auto file = service_.exports->files.begin();
    if (!file) return ServiceError::fromBackend(file.error());
    file_ = std::move(*file);
    return std::nullopt;
  }

  Fault checkDisk() const {
    if (service_.work.disk.check()) return std::nullopt;
    return ServiceError::unavailable(
        "There is too little room on the service's disk for an export");
  }

  Fault write() {
    const auto writer = makeExportWriter(
        format_, projection_, [this](std::string_view chunk) { return writeChunk(chunk); });
    const auto total = results_->count(conditions_);
    if (!total) return total.error();
    ReportHead head = results_->head(arguments_.filters);
    head.total_vulnerabilities = *total;
    if (const Status begun = writer->begin(head); !begun) return fileFault(begun.error());
    if (writer->wantsRules())
      if (Fault fault = writeRules(*writer)) return fault;
    StoreQuery query(results_->generation(), conditions_, {}, &projection_);
    if (Fault fault = results_->each(
            query, [&](const Finding& finding) { return goOn(writer->add(finding)); }))
      return file_error_ ? fileFault(*file_error_) : std::move(fault);
    if (const Status ended = writer->end(); !ended) return fileFault(ended.error());
    return std::nullopt;
  }

  /// Each check once: findings by check, of which the first stands for the rest.
  Fault writeRules(ExportWriter& writer) {
    const auto sort = parseSort("plugin_id,-severity");
    const auto fields = makeProjection(
        "brief", {"plugin_id", "plugin_name", "severity", "description", "solution", "cvss_score"});
    if (!sort || !fields) return ServiceError::internal();
    StoreQuery query(results_->generation(), conditions_, *sort, &*fields);
    std::optional<std::string> last;
    Fault fault = results_->each(query, [&](const Finding& finding) -> Result<bool> {
      if (last == finding.check_id) return true;
      last = finding.check_id;
      return goOn(writer.addRule(finding));
    });
    return fault && file_error_ ? fileFault(*file_error_) : fault;
  }

  Result<bool> goOn(const Status& written) const {
    if (!written) return tl::unexpected<Error>(written.error());
    return true;
  }

  Status writeChunk(std::string_view chunk) {
    Status written = service_.work.disk.check();
    if (written) written = file_->write(chunk);
    if (!written) file_error_ = written.error();
    return written;
  }

  static ServiceError fileFault(const Error& error) {
    if (error.error_class == ErrorClass::unsupported) return ServiceError::tooLarge(error.message);
    return ServiceError::unavailable("The export could not be written to the service's disk");
  }

  const Service& service_;
  const ExportArguments& arguments_;
  const OperationContext& context_;
  ExportFormat format_ = ExportFormat::jsonl;
  Projection projection_;
  std::vector<Condition> conditions_;
  std::optional<StoredResults> results_;
  std::unique_ptr<ExportFile> file_;
  std::optional<Error> file_error_;
};

Json exportSchema() {
  const Json text = Json::object({{"type", "string"}});
  return outputSchema(Json::object(
      {{"type", "object"},
       {"properties", Json::object({{"format", text},
                                    {"media_type", text},
                                    {"url", text},
                                    {"bytes", Json::object({{"type", "integer"}})},
                                    {"sha256", text},
                                    {"expires_at", text}})},
       {"required",
        Json::array({"format", "media_type", "url", "bytes", "sha256", "expires_at"})}}));
}

}  // namespace

void addExportOperation(Operations& operations, const Service& service) {
  ArgumentTable<ExportArguments> table;
  table
      .text("task_id", &ExportArguments::task_id,
            {.description = "The id that submitting the scan answered", .required = true})
      .choice("format", &ExportArguments::format, {"jsonl", "csv", "sarif"},
              "jsonl: the lines of get_scan_results; csv; sarif 2.1.0", "Invalid format", true)
      .choice("schema_profile", &ExportArguments::schema_profile,
              {"minimal", "summary", "brief", "full"}, "How much of each finding is served",
              "Invalid schema profile")
      .object("filters", &ExportArguments::filters,
              "Which findings are exported, as for get_scan_results")
      .boolean("partial", &ExportArguments::partial,
               "Also what a scan that is running or did not complete has stored");
  Operation operation;
  operation.name = "export_results";
  operation.title = "Findings as a file";
  operation.description =
      "Writes all findings of a scan to a file and answers where to download it, with the same "
      "token, for an hour. For reading a few findings, get_scan_results is enough.";
  operation.input_schema = table.schema();
  operation.output_schema = exportSchema();
  operation.flags = SCANHOST_OPERATION_READ_ONLY;
  operation.logged_arguments = {"task_id", "format"};
  operation.run = [&service, table](const Json& arguments,
                                    const OperationContext& context) -> OperationResult {
    const auto read = table.read(arguments);
    if (!read) return tl::unexpected<ServiceError>(read.error());
    return Export(service, *read, context).run();
  };
  operations.add(std::move(operation));
}

}  // namespace scanhost
