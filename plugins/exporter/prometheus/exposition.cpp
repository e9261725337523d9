// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/exporter/prometheus/exposition.h"

#include <scanhost/exporter.h>
#include <scanhost/text.h>
#include <scanhost/trace.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

namespace scanhost {
namespace {

constexpr std::string_view total_suffix = "_total";

bool endsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

void appendInteger(std::string& out, std::uint64_t value) {
  out += std::to_string(value);
}

/// The shortest text that reads back equal.
void appendNumber(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
    return;
  }
  char buffer[32];
  const auto result = std::to_chars(buffer, buffer + sizeof buffer, value);
  out.append(buffer, result.ptr);
}

void appendEscaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes)
      out += "\\\"";
    else
      out += c;
  }
}

class ExpositionWriter {
 public:
  explicit ExpositionWriter(ExpositionFormat format)
      : open_(format == ExpositionFormat::open_metrics) {}

  std::string write(const scanhost_metric_snapshot& snapshot) {
    for (const scanhost_metric_family& family : familiesOf(snapshot)) writeFamily(family);
    if (open_) out_ += "# EOF\n";
    return std::move(out_);
  }

 private:
  void writeFamily(const scanhost_metric_family& family) {
    const std::string_view name = toView(family.name);
    const bool counter = family.type == SCANHOST_METRIC_COUNTER;
    const bool has_suffix = endsWith(name, total_suffix);
    const std::string_view family_name =
        open_ && counter && has_suffix ? name.substr(0, name.size() - total_suffix.size()) : name;
    writeHead("# HELP ", family_name);
    appendEscaped(out_, toView(family.help), open_);
    out_ += '\n';
    writeHead("# TYPE ", family_name);
    out_ += open_ && counter && !has_suffix ? "unknown" : typeName(family.type);
    out_ += '\n';
    for (const scanhost_metric& metric : metricsOf(family))
      if (family.type == SCANHOST_METRIC_HISTOGRAM)
        writeHistogram(name, metric);
      else
        writeValue(name, metric);
  }

  void writeHead(std::string_view word, std::string_view name) {
    out_ += word;
    out_ += name;
    out_ += ' ';
  }

  std::string_view typeName(int32_t type) const {
    switch (type) {
      case SCANHOST_METRIC_COUNTER: return "counter";
      case SCANHOST_METRIC_GAUGE: return "gauge";
      case SCANHOST_METRIC_HISTOGRAM: return "histogram";
      default: return open_ ? "unknown" : "untyped";
    }
  }

  void writeValue(std::string_view name, const scanhost_metric& metric) {
    out_ += name;
    writeLabels(metric.labels, {});
    appendNumber(out_, metric.value);
    out_ += '\n';
  }

  void writeHistogram(std::string_view name, const scanhost_metric& metric) {
    for (std::uint64_t i = 0; i < metric.bucket_count; ++i) {
      out_ += name;
      out_ += "_bucket";
      writeLabels(metric.labels, boundText(metric.buckets[i].upper_bound));
      appendInteger(out_, metric.buckets[i].cumulative_count);
      if (open_) writeExemplar(metric, i);
      out_ += '\n';
    }
    out_ += name;
    out_ += "_sum";
    writeLabels(metric.labels, {});
    appendNumber(out_, metric.sum);
    out_ += '\n';
    out_ += name;
    out_ += "_count";
    writeLabels(metric.labels, {});
    appendInteger(out_, metric.count);
    out_ += '\n';
  }

  /// That of the bucket, if there is one; only OpenMetrics has them.
  void writeExemplar(const scanhost_metric& metric, std::uint64_t bucket) {
    const double above = bucket == 0 ? -std::numeric_limits<double>::infinity()
                                     : metric.buckets[bucket - 1].upper_bound;
    for (std::uint64_t i = 0; i < metric.exemplar_count; ++i) {
      const scanhost_exemplar& exemplar = metric.exemplars[i];
      if (!(exemplar.value > above) || exemplar.value > metric.buckets[bucket].upper_bound)
        continue;
      scanhost_trace trace{};
      std::copy(std::begin(exemplar.trace_id), std::end(exemplar.trace_id), trace.trace_id);
      out_ += " # {trace_id=\"" + traceIdOf(trace) + "\"} ";
      appendNumber(out_, exemplar.value);
      out_ += ' ';
      appendNumber(out_, static_cast<double>(exemplar.time_us) / 1e6);
      return;
    }
  }

  std::string boundText(double bound) const {
    std::string text;
    appendNumber(text, bound);
    if (open_ && std::isfinite(bound) && text.find_first_of(".e") == std::string::npos)
      text += ".0";
    return text;
  }

  /// The labels, `le` last when there is one, and the space before the value.
  void writeLabels(scanhost_pairs labels, std::string_view bound) {
    char before = '{';
    const auto write = [&](std::string_view name, std::string_view value) {
      out_ += before;
      out_ += name;
      out_ += "=\"";
      appendEscaped(out_, value, true);
      out_ += '"';
      before = ',';
    };
    for (std::uint64_t i = 0; i < labels.count; ++i)
      write(toView(labels.items[i].name), toView(labels.items[i].value));
    if (!bound.empty()) write("le", bound);
    out_ += before == ',' ? "} " : " ";
  }

  const bool open_;
  std::string out_;
};

}  // namespace

const char* contentType(ExpositionFormat format) {
  return format == ExpositionFormat::open_metrics
             ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
             : "text/plain; version=0.0.4; charset=utf-8";
}

std::string renderExposition(const scanhost_metric_snapshot& snapshot, ExpositionFormat format) {
  return ExpositionWriter(format).write(snapshot);
}

}  // namespace scanhost
