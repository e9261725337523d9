// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// What dashboards live by: every metric that the documents name is there from the start, moves in
/// a run that meets much, and no client can add series.
#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <thread>

#include "tests/integration/documents.h"
#include "tests/integration/rich_run.h"
#include "tests/integration/service.h"
#include "tests/support/certificate.h"

namespace scanhost::integration {
namespace {

using testing::IsEmpty;
using testing_support::NessusSimulator;
using namespace std::chrono_literals;

/// Series with their labels, and their values.
using Scrape = std::map<std::string, double>;

Scrape parse(const std::string& document) {
  Scrape found;
  std::istringstream lines(document);
  for (std::string line; std::getline(lines, line);)
    if (const std::size_t space = line.rfind(' '); !line.starts_with('#') && space != line.npos)
      found[line.substr(0, space)] = std::stod(line.substr(space));
  return found;
}

Scrape scrape(const Service& service) {
  return parse(service.get("/metrics"));
}

bool isOf(const std::string& series, const std::string& family) {
  return series == family || series.starts_with(family + "{");
}

bool moved(const std::string& family, const Scrape& from, const Scrape& to) {
  for (const auto& [series, value] : to) {
    if (!isOf(series, family)) continue;
    const auto before = from.find(series);
    if (before == from.end() ? value != 0 : value != before->second) return true;
  }
  return false;
}

/// Every family of a document, and its type.
std::map<std::string, std::string> familiesIn(const std::string& document) {
  std::map<std::string, std::string> families;
  std::istringstream lines(document);
  std::string hash, word, name, type;
  for (std::string line; std::getline(lines, line);)
    if (std::istringstream words(line);
        line.starts_with("# TYPE ") && words >> hash >> word >> name >> type)
      families[name] = type;
  return families;
}

/// What a run of one service cannot move, and the test that does.
const std::map<std::string, std::string> moved_elsewhere{
    {"scanhost_certificate_expiry_timestamp_seconds", "tests/integration/metrics_test.cpp"},
    {"scanhost_events_dropped_total", "tests/integration/logs_test.cpp"},
    {"scanhost_spans_dropped_total", "host/telemetry/metrics_test.cpp"},
    {"scanhost_audit_entries_total", "host/telemetry/metrics_test.cpp"},
    {"scanhost_ledger_writable", "host/telemetry/metrics_test.cpp"},
    {"scanhost_kill_switch", "host/telemetry/metrics_test.cpp"}};

/// Of those with a vocabulary, what this run has to bring about.
constexpr const char* moved_series[] = {
    R"(nessus_scans_total{scan_type="untrusted",status="queued"})",
    R"(nessus_scans_total{scan_type="untrusted",status="completed"})",
    R"(nessus_scans_total{scan_type="untrusted",status="failed"})",
    R"(nessus_scans_total{scan_type="untrusted",status="timeout"})",
    R"(nessus_scans_total{scan_type="untrusted",status="cancelled"})",
    R"(nessus_scans_total{scan_type="authenticated",status="queued"})",
    R"(nessus_scans_total{scan_type="authenticated",status="completed"})",
    R"(nessus_scans_total{scan_type="authenticated",status="failed"})",
    R"(nessus_scans_total{scan_type="authenticated_privileged",status="queued"})",
    R"(nessus_scans_total{scan_type="authenticated_privileged",status="completed"})",
    R"(nessus_scans_total{scan_type="authenticated_privileged",status="failed"})",
    R"(nessus_api_requests_total{status="success",tool="run_authenticated_scan"})",
    R"(nessus_api_requests_total{status="error",tool="run_untrusted_scan"})",
    R"(nessus_queue_depth{queue="main"})",
    R"(nessus_queue_depth{queue="dead"})",
    R"(scanhost_auth_failures_total{pool="nessus",scan_type="authenticated"})",
    R"(scanhost_auth_failures_total{pool="nessus",scan_type="authenticated_privileged"})",
    R"(scanhost_validation_total{pool="nessus",result="success"})",
    R"(scanhost_validation_total{pool="nessus",result="failed"})",
    R"(scanhost_validation_failures_total{pool="nessus",reason="auth_failed"})",
    R"(scanhost_validation_failures_total{pool="nessus",reason="xml_invalid"})",
    R"(scanhost_validation_failures_total{pool="nessus",reason="file_not_found"})",
    R"(scanhost_validation_failures_total{pool="nessus",reason="empty_scan"})",
    R"(scanhost_task_retries_total{class="transient",pool="steered"})",
    R"(scanhost_task_retries_total{class="busy",pool="nessus"})",
    R"(scanhost_scanner_state{pool="refused",scanner_instance="refused",state="suspended"})",
    R"(scanhost_tool_failures_total{code="unavailable",tool="list_tasks"})",
    R"(scanhost_policy_decisions_total{decision="allow",stage="submission"})",
    R"(scanhost_policy_decisions_total{decision="deny",stage="submission"})",
    R"(scanhost_policy_decisions_total{decision="allow",stage="launch"})",
};

TEST(EveryMetric, MovesInARunThatMeetsMuch) {
  std::map<std::string, std::string> families;
  Scrape highest;
  for (const std::string& document : playRichRun().scrapes) {
    families.merge(familiesIn(document));
    for (const auto& [series, value] : parse(document))
      highest[series] = std::max(highest[series], value);
  }

  std::vector<std::string> unmoved, undocumented;
  const auto names = documentedNames("Metrics");
  for (const std::string& name : names) {
    const std::string shown = families[name] == "histogram" ? name + "_count" : name;
    if (!moved(shown, {}, highest) && !moved_elsewhere.contains(name)) unmoved.push_back(name);
  }
  for (const char* series : moved_series)
    if (highest[series] == 0) unmoved.emplace_back(series);
  for (const char* store : {"queue", "results"})
    for (const char* result : {"success", "error"})
      EXPECT_FALSE(highest.contains("scanhost_" + std::string(store) +
                                    "_operation_duration_seconds_count{operation=\"other\",result="
                                    "\"" +
                                    result + "\"}"))
          << "an operation that the metric's vocabulary lacks";
  for (const auto& [name, type] : families)
    if (!type.empty() && !names.contains(name)) undocumented.push_back(name);
  EXPECT_THAT(unmoved, IsEmpty());
  EXPECT_THAT(undocumented, IsEmpty()) << "not in docs/reference/metrics-and-events.md";
}

TEST(EveryMetric, ThatARunCannotMoveIsMovedByAnotherTest) {
  for (const auto& [name, file] : moved_elsewhere)
    EXPECT_NE(sourceText(file).find("\"" + name), std::string::npos) << name;
}

TEST(EveryMetric, IsThereFromTheStartForEveryKnownLabelValue) {
  NessusSimulator nessus(built("bin/nessus-simulator"), {});
  const Service service({.scanners = nessusScanner(nessus, "scanner1", 3)});
  const std::string document = service.get("/metrics");
  const Scrape found = parse(document);

  const auto families = familiesIn(document);
  for (const std::string& name : documentedNames("Metrics"))
    EXPECT_TRUE(families.contains(name)) << name;
  for (const char* type : {"untrusted", "authenticated", "authenticated_privileged"})
    for (const char* status : {"queued", "completed", "failed", "timeout", "cancelled"})
      EXPECT_EQ(found.count("nessus_scans_total{scan_type=\"" + std::string(type) + "\",status=\"" +
                            status + "\"}"),
                1u)
          << type << ' ' << status;
  const auto zeroIn = [&](const std::string& family, const std::string& labels) {
    const auto series = found.find("scanhost_" + family + "{" + labels + "}");
    ASSERT_NE(series, found.end()) << family << " " << labels;
    EXPECT_EQ(series->second, 0) << family << " " << labels;
  };
  const std::string pool = R"(pool="nessus")", instance = pool + R"(,scanner_instance="scanner1")";
  for (const char* family : {"pool_active_scans", "pool_queue_depth", "pool_dlq_depth",
                             "queue_oldest_seconds", "leases_lost_total", "takeovers_total",
                             "dead_letters_total", "redrives_total", "scans_adopted_total"})
    zeroIn(family, pool);
  for (const char* family :
       {"scanner_active_scans", "scanner_utilization_pct", "circuit_state",
        "circuit_failures_total", "circuit_opens_total", "scanner_last_success_timestamp_seconds"})
    zeroIn(family, instance);
  for (const char* severity : {"info", "low", "medium", "high", "critical"})
    zeroIn("findings_stored_total", pool + ",severity=\"" + severity + "\"");
  for (const char* reason : {"auth_failed", "xml_invalid", "empty_scan", "file_not_found", "other"})
    zeroIn("validation_failures_total", pool + ",reason=\"" + reason + "\"");
  for (const char* error : {"transient", "internal", "busy", "lost", "timeout"})
    zeroIn("task_retries_total", "class=\"" + std::string(error) + "\"," + pool);
  for (const char* tool : {"run_untrusted_scan", "list_dead_letters"})
    EXPECT_EQ(
        found.at("nessus_api_requests_total{status=\"error\",tool=\"" + std::string(tool) + "\"}"),
        0);
  for (const char* operation : {"open_generation", "append", "seal", "current", "summary", "open",
                                "next", "count", "remove", "sweep", "check"})
    for (const char* result : {"success", "error"})
      EXPECT_TRUE(found.contains("scanhost_results_operation_duration_seconds_count{operation=\"" +
                                 std::string(operation) + "\",result=\"" + result + "\"}"))
          << operation << ' ' << result;
  for (const char* route : {"/mcp", "health", "livez"})
    EXPECT_TRUE(moved(
        "scanhost_http_request_duration_seconds_count",
        {{"scanhost_http_request_duration_seconds_count{route=\"" + std::string(route) + "\"}",
          -1}},
        found))
        << route;
  EXPECT_EQ(found.at("scanhost_plugin_up{plugin=\"queue-sqlite\"}"), 1);
  EXPECT_EQ(found.at("scanhost_scanner_capacity{" + instance + "}"), 3);
}

constexpr const char* of_waiting[] = {"nessus_queue_depth", "scanhost_pool_queue_depth",
                                      "scanhost_queue_oldest_seconds"};
constexpr const char* of_running[] = {
    "nessus_active_scans", "scanhost_leases_held", "scanhost_scanner_active_scans",
    "scanhost_scanner_utilization_pct", "scanhost_pool_active_scans"};
constexpr const char* of_the_past[] = {"nessus_scans_total",
                                       "nessus_api_requests_total",
                                       "nessus_task_duration_seconds_count",
                                       "scanhost_validation_total",
                                       "scanhost_findings_stored_total",
                                       "scanhost_policy_decisions_total",
                                       "scanhost_scanner_last_success_timestamp_seconds",
                                       "scanhost_scanner_request_duration_seconds_count",
                                       "scanhost_queue_operation_duration_seconds_count",
                                       "scanhost_results_operation_duration_seconds_count",
                                       "scanhost_http_requests_total",
                                       "scanhost_http_request_duration_seconds_count"};

TEST(MovingMetrics, OneScanMovesEveryMetricThatItTouches) {
  NessusSimulator nessus(built("bin/nessus-simulator"), {"--scan-seconds", "60", "--seed", "7"});
  Service service({.scanners = nessusScanner(nessus, "scanner1", 1)});
  client::Client client = service.client();
  const Scrape before = scrape(service);

  const std::string runs = client.submit_scan("10.0.0.1", "runs").task_id;
  const std::string remote = remoteOf(client, runs);
  const std::string waits = client.submit_scan("10.0.0.1", "waits").task_id;
  std::this_thread::sleep_for(1100ms);  // the oldest that a shown gauge may be
  const Scrape during = scrape(service);
  client.cancel(waits);
  nessus.call("POST", "/simulator/scans/" + remote + "/finish");
  ASSERT_EQ(waitForEnd(client, runs).status, "completed");
  std::this_thread::sleep_for(1100ms);
  const Scrape after = scrape(service);

  for (const char* family : of_waiting) {
    EXPECT_TRUE(moved(family, before, during)) << family;
    EXPECT_FALSE(moved(family, before, after)) << family << " has to come back";
  }
  for (const char* family : of_running) {
    EXPECT_TRUE(moved(family, before, during)) << family;
    EXPECT_FALSE(moved(family, before, after)) << family << " has to come back";
  }
  for (const char* family : of_the_past) EXPECT_TRUE(moved(family, before, after)) << family;
}

/// `-s` and these words.
std::string curl(std::vector<std::string> words) {
  words.insert(words.begin(), {"/usr/bin/curl", "-s"});
  return testing_support::run({std::move(words), {}, {}}).out;
}

TEST(Metrics, OfFiftyScannersAreFewAndPassPromtool) {
  NessusSimulator nessus(built("bin/nessus-simulator"), {});
  std::string scanners;
  for (int i = 0; i < 50; ++i) scanners += nessusScanner(nessus, "scanner" + std::to_string(i));
  const Service service({.scanners = scanners});
  const std::string document = service.get("/metrics");
  std::size_t metrics = 0;  // a histogram is one
  for (const auto& [series, value] : parse(document))
    metrics += series.find("_bucket{") == series.npos && series.find("_sum") == series.npos;
  RecordProperty("series", static_cast<int>(parse(document).size()));
  RecordProperty("metrics", static_cast<int>(metrics));
  EXPECT_LE(metrics, 2'500u);

  std::ofstream(service.folder() / "metrics.txt") << document;
  const auto checked =
      testing_support::run({{"/bin/sh", "-c",
                             "/usr/bin/promtool check metrics < " +
                                 (service.folder() / "metrics.txt").string() + " 2>&1"},
                            {},
                            {}});
  EXPECT_EQ(checked.exit_code, 0) << checked.out;
}

TEST(Metrics, AreTextOrOpenMetricsAsTheScraperAsks) {
  const Service service({.scanners = nmapScanner("9")});
  const std::string url = service.url() + "/metrics";
  const std::string text = curl({"-i", url});
  const std::string open = curl({"-i", "-H", "Accept: application/openmetrics-text", url});
  EXPECT_THAT(text, testing::HasSubstr("text/plain; version=0.0.4"));
  EXPECT_THAT(open, testing::HasSubstr("application/openmetrics-text; version=1.0.0"));
  EXPECT_THAT(open, testing::EndsWith("# EOF\n"));
}

TEST(Metrics, GetNoSeriesFromWhatClientsSend) {
  const Service service({.scanners = nmapScanner("9")});
  const auto ask = [&](int i) {
    const std::string word = "x" + std::to_string(i), url = service.url();
    curl({"-X",
          "BREW" + word,
          url + "/health",
          "--next",
          "-s",
          url + "/" + word,
          "--next",
          "-s",
          "-H",
          "Content-Type: application/json",
          "-H",
          "Accept: application/json, text/event-stream",
          "-d",
          R"({"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":")" + word +
              R"(","arguments":{}}})",
          url + "/mcp",
          "--next",
          "-s",
          "-d",
          word,
          url + "/mcp"});
  };
  ask(0);
  const std::size_t before = scrape(service).size();
  for (int i = 1; i < 20; ++i) ask(i);
  EXPECT_EQ(scrape(service).size(), before);
}

double endOf(const testing_support::Certificate& certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> text(
      BIO_new_mem_buf(certificate.chain_pem.data(), static_cast<int>(certificate.chain_pem.size())),
      BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> read(
      PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr), X509_free);
  tm parts{};
  EXPECT_EQ(ASN1_TIME_to_tm(X509_get0_notAfter(read.get()), &parts), 1);
  return static_cast<double>(timegm(&parts));
}

TEST(Metrics, TellWhenTheListenersCertificateEndsAlsoAfterItIsRenewed) {
  const auto before = testing_support::makeSelfSigned("127.0.0.1");
  std::this_thread::sleep_for(1100ms);  // so that the next one ends later
  const auto after = testing_support::makeSelfSigned("127.0.0.1");
  ASSERT_TRUE(before && after);
  const auto put = [](const std::filesystem::path& folder,
                      const testing_support::Certificate& one) {
    std::ofstream(folder / "cert.pem") << one.chain_pem;
    std::ofstream(folder / "key.pem") << one.key_pem;
  };
  const Service service({.scanners = nmapScanner("9"),
                         .http = ", tls: {certificate: cert.pem, key: key.pem}",
                         .before_start = [&](const std::filesystem::path& data) {
                           put(data.parent_path(), *before);
                         }});
  const auto shown = [&] {
    return parse(curl({"-k", service.url() + "/metrics"}))
        .at("scanhost_certificate_expiry_timestamp_seconds");
  };
  EXPECT_EQ(shown(), endOf(*before));

  put(service.folder(), *after);
  service.signal(SIGHUP);
  for (int i = 0; i < 200 && service.events("config_reloaded").empty(); ++i)
    std::this_thread::sleep_for(50ms);
  EXPECT_EQ(shown(), endOf(*after));

  std::ofstream(service.folder() / "key.pem") << "no key";
  service.signal(SIGHUP);
  for (int i = 0; i < 200 && service.events("config_reload_refused").empty(); ++i)
    std::this_thread::sleep_for(50ms);
  EXPECT_THAT(service.allEvents(), testing::HasSubstr("http.tls"));
  EXPECT_EQ(shown(), endOf(*after));
}

}  // namespace
}  // namespace scanhost::integration
