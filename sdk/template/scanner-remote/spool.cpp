// SPDX-FileCopyrightText: @VENDOR@
// SPDX-License-Identifier: @SPDX@
#include "spool.h"

#include <fcntl.h>
#include <scanhost/error.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

using scanhost::ErrorClass;
using scanhost::ErrorSubject;
using scanhost::Json;
using scanhost::PluginError;

namespace {

constexpr std::size_t max_file = 64u << 20;

[[noreturn]] void fail(const std::string& path, const char* what) {
  throw PluginError(ErrorClass::transient, path + " cannot be " + what + ": " + std::strerror(errno),
                    ErrorSubject::backend);
}

/// Empty when there is no such file; at most `max_file` bytes of it.
std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text;
  char chunk[16 * 1024];
  while (text.size() < max_file && (in.read(chunk, sizeof chunk), in.gcount() > 0))
    text.append(chunk, static_cast<std::size_t>(in.gcount()));
  return text;
}

void write(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) fail(path, "written");
}

}  // namespace

void Spool::check() const {
  if (access(folder_.c_str(), R_OK | W_OK | X_OK) != 0) fail(folder_, "used");
}

std::string Spool::path(const std::string& id, const char* file) const {
  return folder_ + "/" + id + "/" + file;
}

std::string Spool::create(const Json& job) const {
  std::string made = folder_ + "/.new-XXXXXX";
  if (!mkdtemp(made.data())) fail(made, "made");
  if (chmod(made.c_str(), 0770) != 0) fail(made, "opened to its group");
  write(made + "/job.json", job.dump());
  const std::string id = "job-" + made.substr(made.size() - 6);
  if (rename(made.c_str(), (folder_ + "/" + id).c_str()) != 0) fail(made, "renamed");
  return id;
}

std::vector<Spool::Job> Spool::jobs() const {
  std::vector<Job> found;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder_, error))
    if (auto job = find(entry.path().filename().string())) found.push_back(std::move(*job));
  if (error)
    throw PluginError(ErrorClass::transient, folder_ + " cannot be read: " + error.message(),
                      ErrorSubject::backend);
  return found;
}

std::optional<Spool::Job> Spool::find(const std::string& id) const {
  // An id comes back to us as we gave it, and is still no way out of the folder.
  if (id.rfind("job-", 0) != 0 || id.find('/') != std::string::npos) return std::nullopt;
  const auto json = Json::tryParse(contents(path(id, "job.json")));
  if (!json) return std::nullopt;
  Job job;
  job.id = id;
  job.name = (*json)["name"].asString();
  job.run_id = contents(path(id, "start"));
  const std::string status = contents(path(id, "status"));
  const std::size_t word_end = std::min(status.find_first_of(" \n"), status.size());
  job.status = status.substr(0, word_end);
  if (word_end + 1 < status.size())
    job.percent = std::clamp(std::atoi(status.c_str() + word_end + 1), 0, 100);
  return job;
}

std::string Spool::start(const std::string& id) const {
  const std::string file = path(id, "start");
  const int fd = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0660);
  if (fd < 0 && errno == EEXIST)
    throw PluginError(ErrorClass::ambiguous, "job " + id + " has been started before");
  if (fd < 0) fail(file, "made");
  const std::string run_id = id + "-1";
  const bool written = ::write(fd, run_id.data(), run_id.size()) >= 0;
  if (close(fd) != 0 || !written) fail(file, "written");
  return run_id;
}

void Spool::stop(const std::string& id) const {
  write(path(id, "stop"), "");
}

std::string Spool::report(const std::string& id) const {
  return contents(path(id, "report"));
}

void Spool::remove(const std::string& id) const {
  std::error_code error;
  std::filesystem::remove_all(folder_ + "/" + id, error);
  if (error)
    throw PluginError(ErrorClass::transient, "job " + id + " cannot be removed: " + error.message(),
                      ErrorSubject::backend);
}
