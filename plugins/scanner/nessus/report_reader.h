// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Turns a .nessus report (version 2), as it comes, into findings and host reports.
///
///     ReportReader reader(sink, bounds);
///     reader.feed(piece);  ...  reader.finish();
///
/// Holds one item at a time, each text up to the sink's bound; the Policy is passed over, for it
/// can hold user names and secrets. Throws PluginError (transient, "xml_invalid: ...") when the
/// report is malformed or cut off; what closed before has been told. For one thread at a time.
#pragma once

#include <scanhost/scanner.h>

#include <array>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/scanner/report_xml/xml_reader.h"

namespace scanhost::nessus {

/// What a report came to.
struct ReportTotals {
  std::uint64_t hosts_answered = 0;
  std::uint64_t hosts_silent = 0;
  std::uint64_t items = 0;
  std::uint64_t repeated_items = 0;  ///< equal in every byte to one before; told once
  std::uint64_t login_findings = 0;  ///< of checks that show a login
};

class ReportReader : private report_xml::XmlHandler {
 public:
  ReportReader(FindingSink& sink, std::uint64_t max_bytes);
  ~ReportReader() override;

  void feed(std::string_view xml);
  void finish();
  const ReportTotals& totals() const noexcept { return totals_; }
  std::uint64_t bytesRead() const noexcept { return xml_.bytesRead(); }

 private:
  class Digest;
  using DigestBytes = std::array<unsigned char, 32>;

  void onStart(std::string_view name, const report_xml::XmlAttributes& attributes) override;
  void onEnd(std::string_view name) override;
  void onText(std::string_view text) override;

  void startHost(const report_xml::XmlAttributes& attributes);
  void startItem(const report_xml::XmlAttributes& attributes);
  void endField();
  void endTag();
  void endItem();
  void endHost();
  std::size_t textLimit() const;
  /// Names a text of the item that is not there as a whole.
  void noteCut(const std::string& name);

  FindingSink& sink_;
  report_xml::XmlReader xml_;
  ReportTotals totals_;
  std::unique_ptr<Digest> digest_;

  std::size_t depth_ = 0;
  std::size_t skipped_from_ = 0;  ///< depth of the element that is passed over; 0: none
  bool in_report_ = false, in_host_ = false, in_properties_ = false, in_item_ = false;

  HostReport host_;
  std::uint64_t host_items_ = 0;
  bool only_dead_ = true;             ///< the host's items say nothing but that it is dead
  std::set<DigestBytes> seen_items_;  ///< of this host

  FindingRecord item_;
  std::string compliance_id_, compliance_name_;
  std::size_t item_bytes_ = 0;

  std::string field_;     ///< the element that text belongs to; empty: none
  std::string tag_name_;  ///< of a HostProperties tag
  std::string text_;
  bool text_cut_ = false;
};

}  // namespace scanhost::nessus
