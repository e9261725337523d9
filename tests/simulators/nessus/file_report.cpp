// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/nessus/file_report.h"

#include <libxml/xmlreader.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <ostream>

namespace scanhost::simulator {
namespace {

constexpr std::size_t longest_kept_text = 64 * 1024;

/// Pulls hosts out of a .nessus file and keeps what it has when the file turns out broken.
class NessusFileReader {
 public:
  explicit NessusFileReader(const std::string& file)
      : reader_(xmlReaderForFile(file.c_str(), nullptr,
                                 XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING)) {}
  ~NessusFileReader() {
    if (reader_) xmlFreeTextReader(reader_);
  }
  NessusFileReader(const NessusFileReader&) = delete;
  NessusFileReader& operator=(const NessusFileReader&) = delete;

  void read(std::string& report_name, std::vector<ReportHost>& hosts) {
    while (advance()) {
      if (xmlTextReaderNodeType(reader_) != XML_READER_TYPE_ELEMENT) continue;
      const std::string element = elementName();
      if (element == "Report")
        report_name = attribute("name");
      else if (element == "ReportHost")
        hosts.push_back({attribute("name"), {}, {}});
      else if (element == "tag" && !hosts.empty())
        readTag(hosts.back());
      else if (element == "ReportItem" && !hosts.empty())
        hosts.back().items.push_back(readItem());
    }
  }

 private:
  bool advance() { return reader_ && xmlTextReaderRead(reader_) == 1; }

  std::string elementName() {
    const xmlChar* name = xmlTextReaderConstName(reader_);
    return name ? reinterpret_cast<const char*>(name) : "";
  }
  std::string attribute(const char* name) {
    xmlChar* value = xmlTextReaderGetAttribute(reader_, reinterpret_cast<const xmlChar*>(name));
    std::string text = value ? reinterpret_cast<const char*>(value) : "";
    xmlFree(value);
    return text;
  }
  /// The text of the element at hand; leaves the reader at its end.
  std::string text() {
    std::string out;
    if (xmlTextReaderIsEmptyElement(reader_)) return out;
    const int depth = xmlTextReaderDepth(reader_);
    while (advance() && xmlTextReaderDepth(reader_) > depth) {
      const xmlChar* value = xmlTextReaderConstValue(reader_);
      if (value && out.size() < longest_kept_text) out += reinterpret_cast<const char*>(value);
    }
    if (out.size() > longest_kept_text) out.resize(longest_kept_text);
    return out;
  }
  void readTag(ReportHost& host) {
    std::string name = attribute("name");
    host.properties.emplace_back(std::move(name), text());
  }
  ReportItem readItem() {
    ReportItem item;
    item.plugin_id = std::atoll(attribute("pluginID").c_str());
    item.plugin_name = attribute("pluginName");
    item.plugin_family = attribute("pluginFamily");
    item.severity = std::clamp(std::atoi(attribute("severity").c_str()), 0, 4);
    item.port = std::atoi(attribute("port").c_str());
    item.protocol = attribute("protocol");
    item.service = attribute("svc_name");
    if (xmlTextReaderIsEmptyElement(reader_)) return item;
    const int depth = xmlTextReaderDepth(reader_);
    while (advance() && xmlTextReaderDepth(reader_) > depth) {
      if (xmlTextReaderNodeType(reader_) != XML_READER_TYPE_ELEMENT) continue;
      std::string name = elementName();
      std::string value = text();
      if (name == "plugin_output")
        item.output = std::move(value);
      else
        item.fields.emplace_back(std::move(name), std::move(value));
    }
    return item;
  }

  xmlTextReaderPtr reader_;
};

}  // namespace

FileReport::FileReport(std::filesystem::path file) : file_(std::move(file)) {
  NessusFileReader(file_.string()).read(name_, hosts_);
}

bool FileReport::copyOriginal(std::ostream& out) const {
  std::ifstream in(file_, std::ios::binary);
  std::string block(64 * 1024, '\0');
  while (in && out) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    out.write(block.data(), in.gcount());
  }
  return true;
}

Result<ReportLibrary> ReportLibrary::load(const std::filesystem::path& folder) {
  std::error_code error;
  ReportLibrary library;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::filesystem::path& file = entry.path();
    if (file.extension() != ".nessus" || !entry.is_regular_file()) continue;
    library.reports_.push_back({file.stem().string(), std::make_shared<FileReport>(file)});
  }
  if (error)
    return fail(ErrorClass::config, "reports folder '" + folder.string() + "' cannot be read: " +
                                        error.message() + "; name a folder of .nessus files");
  std::sort(library.reports_.begin(), library.reports_.end(), [](const Entry& a, const Entry& b) {
    return a.stem.size() != b.stem.size() ? a.stem.size() > b.stem.size() : a.stem < b.stem;
  });
  return library;
}

std::shared_ptr<const Report> ReportLibrary::find(std::string_view scan_name) const {
  for (const Entry& entry : reports_)
    if (scan_name.find(entry.stem) != std::string_view::npos) return entry.report;
  return nullptr;
}

}  // namespace scanhost::simulator
