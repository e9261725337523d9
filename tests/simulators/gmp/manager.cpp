// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/simulators/gmp/manager.h"

#include <libxml/tree.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tests/simulators/gmp/report.h"

namespace scanhost::simulator_gmp {
namespace {

using Clock = std::chrono::steady_clock;

std::string nameOf(const xmlNode* node) {
  return reinterpret_cast<const char*>(node->name);
}

const xmlNode* child(const xmlNode* node, std::string_view name) {
  for (const xmlNode* at = node ? node->children : nullptr; at; at = at->next)
    if (at->type == XML_ELEMENT_NODE && nameOf(at) == name) return at;
  return nullptr;
}

std::string takeText(xmlChar* text) {
  std::string copy = text ? reinterpret_cast<const char*>(text) : "";
  xmlFree(text);
  return copy;
}

std::string textOf(const xmlNode* node) {
  return node ? takeText(xmlNodeGetContent(node)) : std::string();
}

std::string attribute(const xmlNode* node, const char* name) {
  return node ? takeText(xmlGetProp(node, reinterpret_cast<const xmlChar*>(name))) : std::string();
}

/// The value of a term such as `rows=10` or `name~"x"` in a filter.
std::string term(const std::string& filter, const std::string& begin) {
  const std::size_t at = filter.find(begin);
  if (at == std::string::npos) return {};
  const std::size_t from = at + begin.size();
  if (from < filter.size() && filter[from] == '"')
    return filter.substr(from + 1, filter.find('"', from + 1) - from - 1);
  return filter.substr(from, filter.find(' ', from) - from);
}

struct Rows {
  std::size_t first = 1, count = 10;
};
Rows rowsOf(const std::string& filter) {
  Rows rows;
  const std::string first = term(filter, "first="), count = term(filter, "rows=");
  if (!first.empty()) rows.first = std::strtoull(first.c_str(), nullptr, 10);
  if (!count.empty())
    rows.count = count == "-1" ? 1'000'000 : std::strtoull(count.c_str(), nullptr, 10);
  return rows;
}

std::string response(const std::string& command, int status, const std::string& text,
                     const std::string& attributes = {}, const std::string& content = {}) {
  return "<" + command + "_response status=\"" + std::to_string(status) + "\" status_text=\"" +
         escaped(text) + "\"" + attributes + ">" + content + "</" + command + "_response>";
}

std::string notFound(const std::string& command) {
  return response(command, 404, "Failed to find what was asked for");
}

constexpr const char* one_config =
    "<config id=\"daba56c8-73ec-11df-a475-002264764cea\"><name>Full and fast</name></config>"
    "<config id=\"8715c877-47a0-438d-98a3-27c7a6ab2196\"><name>Discovery</name></config>";
constexpr const char* one_port_list =
    "<port_list id=\"33d0cd82-57c6-11e1-8ed1-406186ea4fc5\"><name>All IANA assigned TCP</name>"
    "</port_list>";
constexpr const char* one_scanner =
    "<scanner id=\"08b69003-5fc2-4037-a479-93b440211c73\"><name>OpenVAS Default</name></scanner>";

}  // namespace

Manager::Answer Manager::answer(const _xmlNode* command, bool& logged_in) {
  const std::lock_guard lock(mutex_);
  const std::string name = nameOf(command);
  ++counts_[name];
  return {name, dispatch(name, command, logged_in)};
}

std::string Manager::dispatch(const std::string& name, const _xmlNode* command, bool& logged_in) {
  if (name == "get_version") return response(name, 200, "OK", {}, "<version>22.5</version>");
  if (name == "authenticate") return authenticate(command, logged_in);
  if (!logged_in) return response(name, 401, "Authenticate first");
  if (name == "get_configs") return response(name, 200, "OK", {}, one_config);
  if (name == "get_port_lists") return response(name, 200, "OK", {}, one_port_list);
  if (name == "get_scanners") return response(name, 200, "OK", {}, one_scanner);
  if (name == "create_target") return createTarget(command);
  if (name == "create_task") return createTask(command);
  if (name == "get_tasks") return getTasks(command);
  if (name == "start_task") return startTask(command);
  if (name == "stop_task") return stopTask(command);
  if (name == "delete_task") return deleteTask(command);
  if (name == "delete_target") return deleteTarget(command);
  if (name == "get_targets") return getTargets(command);
  if (name == "get_reports") return getReports(command);
  return response("gmp", 400, "Bogus command name");
}

std::string Manager::newId() {
  char text[40];
  std::snprintf(text, sizeof text, "5c4a0057-0000-4000-8000-%012llx",
                static_cast<unsigned long long>(++ids_));
  return text;
}

std::string Manager::authenticate(const _xmlNode* command, bool& logged_in) {
  const xmlNode* login = child(command, "credentials");
  logged_in = textOf(child(login, "username")) == options_.username &&
              textOf(child(login, "password")) == options_.password;
  return logged_in ? response("authenticate", 200, "OK", {}, "<role>User</role>")
                   : response("authenticate", 400, "Authentication failed");
}

std::string Manager::createTarget(const _xmlNode* command) {
  const std::string name = textOf(child(command, "name"));
  const bool is_taken = std::any_of(targets_.begin(), targets_.end(),
                                    [&](const auto& entry) { return entry.second.name == name; });
  if (is_taken) return response("create_target", 400, "Target exists already");
  const std::string id = newId();
  targets_[id] = {name, textOf(child(command, "hosts"))};
  return response("create_target", 201, "OK, resource created", " id=\"" + id + "\"");
}

std::string Manager::createTask(const _xmlNode* command) {
  const std::string target = attribute(child(command, "target"), "id");
  if (targets_.count(target) == 0) return notFound("create_task");
  const std::string id = newId();
  tasks_[id] = {textOf(child(command, "name")), textOf(child(command, "comment")), target, {}};
  return response("create_task", 201, "OK, resource created", " id=\"" + id + "\"");
}

std::string Manager::statusOf(const Run& run) const {
  if (run.stopped) return "Stopped";
  return Clock::now() - run.begun < options_.scan_time ? "Running" : "Done";
}

std::string Manager::statusOf(const Task& task) const {
  return task.runs.empty() ? "New" : statusOf(task.runs.back());
}

int Manager::progressOf(const Task& task) const {
  if (statusOf(task) != "Running") return -1;
  const auto passed = Clock::now() - task.runs.back().begun;
  return static_cast<int>(100 * passed / std::chrono::nanoseconds(options_.scan_time));
}

std::string Manager::taskXml(const std::string& id, const Task& task) const {
  std::string xml = "<task id=\"" + id + "\"><owner><name>scanhost</name></owner><name>" +
                    escaped(task.name) + "</name><comment>" + escaped(task.comment) +
                    "</comment><target id=\"" + task.target_id + "\"><name>";
  if (const auto target = targets_.find(task.target_id); target != targets_.end())
    xml += escaped(target->second.name);
  xml += "</name></target><status>" + statusOf(task) + "</status><progress>" +
         std::to_string(progressOf(task)) + "</progress><report_count>" +
         std::to_string(task.runs.size()) + "<finished>0</finished></report_count>";
  if (!task.runs.empty()) {
    const std::string kind = statusOf(task) == "Done" ? "last_report" : "current_report";
    xml += "<" + kind + "><report id=\"" + task.runs.back().report_id + "\"/></" + kind + ">";
  }
  return xml + "</task>";
}

std::string Manager::getTasks(const _xmlNode* command) {
  const std::string wanted = attribute(command, "task_id");
  if (!wanted.empty()) {
    const auto task = tasks_.find(wanted);
    if (task == tasks_.end()) return notFound("get_tasks");
    return response("get_tasks", 200, "OK", {}, taskXml(task->first, task->second));
  }
  const std::string filter = attribute(command, "filter");
  const std::string name = term(filter, "name~"), status = term(filter, "status=");
  const Rows rows = rowsOf(filter);
  std::size_t matching = 0;
  std::string told;
  for (const auto& [id, task] : tasks_) {
    if (task.name.find(name) == std::string::npos) continue;
    if (!status.empty() && statusOf(task) != status) continue;
    if (++matching >= rows.first && matching < rows.first + rows.count) told += taskXml(id, task);
  }
  return response("get_tasks", 200, "OK", {},
                  told + "<task_count>" + std::to_string(tasks_.size()) + "<filtered>" +
                      std::to_string(matching) + "</filtered></task_count>");
}

std::string Manager::startTask(const _xmlNode* command) {
  const auto task = tasks_.find(attribute(command, "task_id"));
  if (task == tasks_.end()) return notFound("start_task");
  if (statusOf(task->second) == "Running")
    return response("start_task", 400, "Task is active already");
  task->second.runs.push_back({newId(), Clock::now(), {}});
  return response("start_task", 202, "OK, request submitted", {},
                  "<report_id>" + task->second.runs.back().report_id + "</report_id>");
}

std::string Manager::stopTask(const _xmlNode* command) {
  const auto task = tasks_.find(attribute(command, "task_id"));
  if (task == tasks_.end()) return notFound("stop_task");
  if (statusOf(task->second) == "Running") task->second.runs.back().stopped = Clock::now();
  return response("stop_task", 202, "OK, request submitted");
}

std::string Manager::deleteTask(const _xmlNode* command) {
  if (tasks_.erase(attribute(command, "task_id")) == 0) return notFound("delete_task");
  return response("delete_task", 200, "OK");
}

std::string Manager::deleteTarget(const _xmlNode* command) {
  const std::string id = attribute(command, "target_id");
  for (const auto& [task_id, task] : tasks_)
    if (task.target_id == id) return response("delete_target", 400, "Target is in use");
  if (targets_.erase(id) == 0) return notFound("delete_target");
  return response("delete_target", 200, "OK");
}

std::string Manager::getTargets(const _xmlNode* command) {
  const auto target = targets_.find(attribute(command, "target_id"));
  if (target == targets_.end()) return notFound("get_targets");
  return response("get_targets", 200, "OK", {},
                  "<target id=\"" + target->first + "\"><name>" + escaped(target->second.name) +
                      "</name><hosts>" + escaped(target->second.hosts) + "</hosts><max_hosts>" +
                      std::to_string(hostsIn(target->second.hosts).count) +
                      "</max_hosts></target>");
}

std::string Manager::getReports(const _xmlNode* command) {
  const std::string wanted = attribute(command, "report_id");
  const Rows rows = rowsOf(attribute(command, "filter"));
  for (const auto& [id, task] : tasks_)
    for (const Run& run : task.runs) {
      if (run.report_id != wanted) continue;
      ReportPage page;
      page.report_id = wanted;
      page.task_id = id;
      page.task_name = task.name;
      page.run_status = statusOf(run);
      if (const auto target = targets_.find(task.target_id); target != targets_.end())
        page.hosts = hostsIn(target->second.hosts).alive;
      page.results_per_host = options_.results_per_host;
      page.first = std::max<std::size_t>(rows.first, 1);
      page.rows = rows.count;
      return reportXml(page);
    }
  return notFound("get_reports");
}

int Manager::count(const std::string& command) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(command);
  return found == counts_.end() ? 0 : found->second;
}

std::size_t Manager::tasks() const {
  const std::lock_guard lock(mutex_);
  return tasks_.size();
}

std::size_t Manager::targets() const {
  const std::lock_guard lock(mutex_);
  return targets_.size();
}

std::string Manager::addForeignTask(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const std::string target = newId(), task = newId();
  targets_[target] = {name, "10.9.9.9"};
  tasks_[task] = {name, "", target, {}};
  return task;
}

void Manager::startAgain(const std::string& task_id) {
  const std::lock_guard lock(mutex_);
  tasks_.at(task_id).runs.push_back({newId(), Clock::now(), {}});
}

}  // namespace scanhost::simulator_gmp
