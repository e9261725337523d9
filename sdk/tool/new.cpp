// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "sdk/tool/new.h"

#include <fcntl.h>
#include <scanhost/abi/base.h>
#include <scanhost/json.h>
#include <stdio.h>
#include <stdlib.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <map>
#include <memory>
#include <set>
#include <system_error>

#include "sdk/manifest/manifest.h"
#include "sdk/tool/template_files.h"

namespace scanhost {
namespace {

using Error = tl::unexpected<std::string>;
namespace fs = std::filesystem;

/// "scanner-tls-age" is of the family "scanner", which its kind, "scanner-local", begins with.
std::string familyOf(const std::string& kind) {
  return kind.substr(0, kind.find('-'));
}

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

/// "tls-age" of a scanner is TlsAgeScanner; a class cannot begin with a digit, so "3com" is
/// Scanner3com.
std::string className(const std::string& own_name, const std::string& family) {
  const auto capital = [](std::string word) {
    word[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
    return word;
  };
  std::string camel;
  for (std::size_t at = 0; at < own_name.size();) {
    const std::size_t end = std::min(own_name.find('-', at), own_name.size());
    camel += capital(own_name.substr(at, end - at));
    at = end + 1;
  }
  return std::isdigit(static_cast<unsigned char>(camel[0])) != 0 ? capital(family) + camel
                                                                 : camel + capital(family);
}

/// The vendor's words end up in JSON, CMake and comments: what would need escaping there is
/// refused.
std::string problemOfWord(const std::string& option, const std::string& value) {
  const auto bad = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || std::strchr("\"\\;$", c);
  };
  if (value.empty() || value.size() > 200)
    return option + " must have 1 to 200 bytes, found " + std::to_string(value.size());
  if (std::any_of(value.begin(), value.end(), bad) || !Json::tryParse('"' + value + '"'))
    return option +
           " must be UTF-8 without quotes, backslashes, semicolons, dollar signs and "
           "control characters, found " +
           Json(value).dump();
  return {};
}

std::string problemOf(const NewPlugin& wanted) {
  const std::vector<std::string> kinds = pluginKinds();
  if (std::find(kinds.begin(), kinds.end(), wanted.kind) == kinds.end())
    return "there is no template for kind '" + wanted.kind + "'; the kinds are " + listed(kinds);
  const std::string prefix = familyOf(wanted.kind) + "-";
  if (wanted.name.rfind(prefix, 0) != 0)
    return "the name of a " + wanted.kind + " plugin begins with " + prefix + ", found '" +
           wanted.name + "'; try " + prefix + wanted.name;
  if (!isPluginName(wanted.name))
    return "a plugin's name has lower case letters, digits and single dashes, at most 64 bytes, "
           "found '" +
           wanted.name + "'";
  if (const std::string problem = problemOfWord("--vendor", wanted.vendor); !problem.empty())
    return problem;
  return problemOfWord("--licence", wanted.licence);
}

/// `{"interface": "scanhost.results/1", "revision": 1}`; a stable one has no revision.
std::string reference(const char* member, const std::vector<KnownTable>& tables,
                      const std::string& id) {
  const KnownTable* table = findTable(tables, id);
  std::string out = std::string("{\"") + member + "\": \"" + id + "\"";
  if (table && table->revision != 0) out += ", \"revision\": " + std::to_string(table->revision);
  return out + "}";
}

bool endsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

/// What every kind's folder begins with.
constexpr std::string_view common = "common";

/// The words that CMakeLists.txt names the kind's files by.
using Words = std::map<std::string, std::string>;

void addFilesOf(const std::string& kind, const std::string& name, Words& words) {
  std::string& sources = words["SOURCES"];
  std::string& tests = words["TESTS"];
  std::string& programs = words["PROGRAMS"];
  for (const TemplateFile& file : templateFiles()) {
    if (file.kind != kind) continue;
    if (endsWith(file.path, "_test.cpp"))
      tests += (tests.empty() ? "" : " ") + std::string(file.path);
    else if (endsWith(file.path, ".cpp"))
      sources += (sources.empty() ? "" : " ") + std::string(file.path);
    else if (file.content.substr(0, 2) == "#!")
      programs += "install(PROGRAMS " + std::string(file.path) + " DESTINATION lib/" + name + ")\n";
  }
}

Words wordsFor(const NewPlugin& wanted) {
  const std::string own_name = wanted.name.substr(wanted.name.find('-') + 1);
  Words words = {
      {"NAME", wanted.name},
      {"SHORT", own_name},
      {"CLASS", className(own_name, familyOf(wanted.kind))},
      {"VENDOR", wanted.vendor},
      {"LICENCE", wanted.licence},
      {"SPDX", wanted.licence == "Proprietary" ? "LicenseRef-Proprietary" : wanted.licence},
      {"SDK_VERSION", SCANHOST_VERSION},
      {"ABI_MAJOR", std::to_string(SCANHOST_ABI_MAJOR)},
  };
  addFilesOf(wanted.kind, wanted.name, words);
  for (const KnownTable& table : knownInterfaces())
    words[std::string(table.id)] = reference("interface", knownInterfaces(), std::string(table.id));
  for (const KnownTable& table : knownServices())
    words[std::string(table.id)] = reference("service", knownServices(), std::string(table.id));
  return words;
}

/// Puts words in the place of "@WORD@". One pass: what a word brings in is not looked at again, and
/// an "@" that begins no known word stays.
std::string filledIn(std::string_view text, const Words& words) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text[at] == '@' ? text.find('@', at + 1) : std::string_view::npos;
    const auto word = end == std::string_view::npos
                          ? words.end()
                          : words.find(std::string(text.substr(at + 1, end - at - 1)));
    if (word == words.end()) {
      out += text[at++];
    } else {
      out += word->second;
      at = end + 1;
    }
  }
  return out;
}

/// Throws std::system_error. What begins with "#!" becomes a program.
void writeFile(const fs::path& path, const std::string& content) {
  fs::create_directories(path.parent_path());
  errno = 0;
  std::ofstream out(path, std::ios::binary);
  out << content;
  out.close();
  if (!out) throw std::system_error(errno ? errno : EIO, std::generic_category(), path.string());
  if (content.rfind("#!", 0) == 0)
    fs::permissions(path, fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                    fs::perm_options::add);
}

/// A folder beside the one wanted, removed unless it was moved there.
class HalfMade {
 public:
  explicit HalfMade(const fs::path& wanted) : wanted_(wanted) {
    std::string name = wanted.string() + ".new-XXXXXX";
    if (!mkdtemp(name.data()))
      throw std::system_error(errno, std::generic_category(), "a folder beside " + wanted.string());
    path_ = name;
    fs::permissions(path_, fs::perms(0755));
  }
  HalfMade(const HalfMade&) = delete;
  HalfMade& operator=(const HalfMade&) = delete;
  ~HalfMade() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }
  void finish() {
    if (renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, wanted_.c_str(), RENAME_NOREPLACE) != 0)
      throw std::system_error(errno, std::generic_category(), wanted_.string());
    path_.clear();
  }

 private:
  fs::path wanted_, path_;
};

}  // namespace

std::vector<std::string> pluginKinds() {
  std::set<std::string> kinds;
  for (const TemplateFile& file : templateFiles())
    if (file.kind != common) kinds.insert(std::string(file.kind));
  return {kinds.begin(), kinds.end()};
}

tl::expected<fs::path, std::string> makePlugin(const NewPlugin& wanted) {
  if (std::string problem = problemOf(wanted); !problem.empty()) return Error(std::move(problem));
  fs::path folder =
      (wanted.folder.empty() ? fs::path(wanted.name) : wanted.folder).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  if (fs::exists(fs::symlink_status(folder)))
    return Error(folder.string() + " exists already and is left as it is; name another with --dir");
  try {
    HalfMade half(folder);
    const Words words = wordsFor(wanted);
    for (const TemplateFile& file : templateFiles())
      if (file.kind == wanted.kind || file.kind == common)
        writeFile(half.path() / filledIn(file.path, words), filledIn(file.content, words));
    half.finish();
  } catch (const std::system_error& error) {
    return Error(folder.string() + " cannot be made: " + error.what());
  }
  return folder;
}

void addNew(CLI::App& app, int& exit_code) {
  auto wanted = std::make_shared<NewPlugin>();
  CLI::App* command = app.add_subcommand("new", "Make a folder with a plugin to begin from");
  command->add_option("NAME", wanted->name, "Its name, such as scanner-banner")->required();
  command->add_option("--kind", wanted->kind, "What kind of plugin it is")
      ->required()
      ->type_name("{" + CLI::detail::join(pluginKinds(), ",") + "}");
  command->add_option("--dir", wanted->folder, "The folder to make; its name without this");
  command->add_option("--vendor", wanted->vendor, "Who makes it, as in \"Name <address>\"");
  command->add_option("--licence", wanted->licence, "An SPDX expression, or Proprietary");
  command->callback([wanted, &exit_code] {
    const auto made = makePlugin(*wanted);
    if (!made) {
      std::cerr << "scanhost-plugin new: " << made.error() << "\n";
      exit_code = 1;
      return;
    }
    std::cout << "made " << made->string() << "; build and test it:\n"
              << "  cmake -S " << made->string() << " -B " << made->string() << "/build\n"
              << "  cmake --build " << made->string() << "/build\n"
              << "  ctest --test-dir " << made->string() << "/build --output-on-failure\n";
  });
}

}  // namespace scanhost
