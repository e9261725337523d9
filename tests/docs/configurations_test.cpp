// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Configurations in documents are ones that `scanhost check` takes, with the plugins of this
/// build.
///
/// A block is a whole file or some of its top-level keys; what it lacks stands in conf.d beside it,
/// as an operator would have it. A comment above the block says where another one belongs:
///
///     <!-- in: scanners[].config of scanner-nessus -->   within that key; what the plugin demands
///                                                        besides is added
///     <!-- in: scanners_file -->                         it is the file that this key names
///     <!-- with: the one above -->                       laid over the block before it
///     <!-- take: scanner-nmap for scanner-acme -->       a plugin that there is for one of others
///     <!-- wrong: policy.target -->                      refused, with that in the message
///     <!-- of: prometheus -->                            another program's: YAML, and what that
///                                                        program's own checker says, if it is here
///
/// Files that it names are made, in a folder of the test's that stands for the root.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>

#include "tests/docs/documents.h"
#include "tests/docs/programs.h"
#include "tests/support/certificate.h"
#include "tests/support/child_process.h"
#include "tests/support/folder.h"

namespace scanhost::docs {
namespace {

using testing_support::Folder;

/// What a plugin cannot do without, a line each.
const std::map<std::string, std::vector<std::string>> demanded = {
    {"scanner-nessus", {"url: https://127.0.0.1:8834", "access_key: docs", "secret_key: docs"}},
};
/// The same of an entry of that list.
const std::map<std::string, std::vector<std::string>> demanded_of_entry = {
    {"scanners", {"name: placed", "pool: placed"}}};

/// A configuration, and how many lines stand in it before those of the block.
struct Written {
  std::string text;
  int above = 0;
};

bool hasKey(const std::string& block, const std::string& line) {
  const std::string key = line.substr(0, line.find(':') + 1);
  return ("\n" + block).find("\n" + key) != std::string::npos;
}

std::string indented(const std::string& text, std::size_t by) {
  std::string out;
  for (const std::string& line : linesOf(text)) out += std::string(by, ' ') + line + "\n";
  return out;
}

/// Without the indentation of its first line.
std::string atTheMargin(const std::string& text) {
  const std::size_t indent = text.find_first_not_of(' ');
  std::string out;
  for (const std::string& line : linesOf(text))
    out += line.substr(std::min(indent, line.size())) + "\n";
  return out;
}

/// The block's text below the key that `place` names, as "scanners[].config of scanner-nessus".
Written placed(const Block& block, const std::string& place) {
  const std::size_t of = place.find(" of ");
  const std::string plugin = of == std::string::npos ? "" : place.substr(of + 4);
  std::string text = atTheMargin(block.text), path = place.substr(0, of);
  int above = 0;
  const auto add = [&text](const std::string& line) {
    if (!hasKey(text, line)) text += line + "\n";
  };
  if (path.ends_with("config") && demanded.contains(plugin))
    for (const std::string& line : demanded.at(plugin)) add(line);
  for (std::size_t dot; !path.empty(); path = path.substr(0, dot == std::string::npos ? 0 : dot)) {
    dot = path.rfind('.');
    std::string key = path.substr(dot == std::string::npos ? 0 : dot + 1);
    if (key.ends_with("[]")) {
      key.resize(key.size() - 2);
      if (!plugin.empty()) add("plugin: " + plugin);
      if (demanded_of_entry.contains(key))
        for (const std::string& line : demanded_of_entry.at(key)) add(line);
      text = "-\n" + indented(text, 2);
      ++above;
    }
    text = key + ":\n" + indented(text, 2);
    ++above;
  }
  return {text, above};
}

class DocumentedConfigurations : public testing::Test {
 protected:
  /// Why the program refuses the block, a line each: "docs/x.md:12: ..."; empty when it takes it.
  std::vector<std::string> problemsOf(const Block& block, const std::string& name) {
    const Folder folder;
    Written file{block.text, 0};
    const std::string place = block.noted("in");
    if (place == "scanners_file") {
      write(folder, "scanners.yaml", rooted(folder, block.text));
      file = {"scanners_file: scanners.yaml\n", 0};
    } else if (!place.empty()) {
      file = placed(block, place);
    }
    write(folder, name, rooted(folder, withKnownPlugin(block, file.text)));
    const std::string above = block.noted("with").empty() ? "" : blockAbove(block).text;
    if (!above.empty()) write(folder, "conf.d/above.yaml", rooted(folder, above));
    write(folder, "conf.d/rest.yaml",
          "node: {name: docs, data_dir: " + folder.path().string() + "/data}\n" +
              "plugins: {dir: " SCANHOST_BINARY_DIR
              "/plugins}\n"
              "scanners: [{name: docs, pool: docs, plugin: scanner-nmap}]\n");
    const auto ended =
        testing_support::run({{SCANHOST_BINARY_DIR "/bin/scanhost", "check", "--config", name},
                              variablesIn(folder, block.text + above),
                              folder.path().string()});
    std::vector<std::string> problems;
    for (const std::string& line : linesOf(ended.err))
      if (line.starts_with("error: "))
        problems.push_back(placeIn(block, file.above, line.substr(7)));
    if (ended.exit_code != 0 && problems.empty()) problems.push_back(block.at() + ": " + ended.err);
    return problems;
  }

 private:
  static const Block& blockAbove(const Block& block) {
    const Block* above = &block;
    do --above;
    while (above->language != block.language);
    EXPECT_EQ(above->document, block.document) << block.at() << ": there is none above";
    return *above;
  }

  static std::string withKnownPlugin(const Block& block, const std::string& text) {
    static const std::regex taken("([a-z-]+) for ([a-z-]+)");
    std::smatch found;
    const std::string note = block.noted("take");
    if (!std::regex_match(note, found, taken)) return text;
    return std::regex_replace(text, std::regex(found[2].str()), found[1].str());
  }

  static void write(const Folder& folder, const std::string& name, const std::string& text) {
    const std::filesystem::path path = folder.path() / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    chmod(path.c_str(), 0600);
  }

  /// "scanhost.yaml:3: http.port: ..." with the line of the document.
  static std::string placeIn(const Block& block, int above, const std::string& message) {
    std::smatch found;
    if (!std::regex_match(message, found,
                          std::regex("(scanhost|scanners)\\.[a-z]+:([0-9]+): (.*)")))
      return block.at() + ": " + message;
    return block.at(std::stoi(found[2]) - above) + ": " + found[3].str();
  }

  /// The text with absolute paths below the folder, and the files there that the service reads
  /// when it checks.
  std::string rooted(const Folder& folder, const std::string& text) {
    static const std::regex path(R"((/(?:etc|var|opt|srv|root|usr/local)/[A-Za-z0-9_./-]+))"),
        certificates(R"([A-Za-z0-9_./-]+\.pem)"), secrets(R"(\$\{file:(/[A-Za-z0-9_./-]+)\})"),
        credentials(R"(CREDENTIALS_DIRECTORY\}/([A-Za-z0-9_.-]+))"), pin(R"("\.\.\.")");
    std::string out = std::regex_replace(text, path, folder.path().string() + "$1");
    for (std::sregex_iterator it(text.begin(), text.end(), certificates), end; it != end; ++it)
      write(folder, "." + std::string(it->str()[0] == '/' ? "" : "/") + it->str(), certificate());
    for (std::sregex_iterator it(text.begin(), text.end(), secrets), end; it != end; ++it)
      write(folder, "." + (*it)[1].str(), "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n");
    for (std::sregex_iterator it(text.begin(), text.end(), credentials), end; it != end; ++it)
      write(folder, (*it)[1].str(), "docs\n");
    for (const char* installed : {"etc/scanhost", "var/lib/scanhost"})
      std::filesystem::create_directories(folder.path() / installed);
    if (text.find("/tokens\n") != std::string::npos)
      write(folder, "var/lib/scanhost/tokens", "{\"version\":1,\"tokens\":[]}");
    return std::regex_replace(out, pin, "\"" + std::string(64, 'a') + "\"");
  }

  /// A value for each variable that the text names.
  static std::map<std::string, std::string> variablesIn(const Folder& folder,
                                                        const std::string& text) {
    static const std::regex variable(R"(\$\{(?:env:)?([A-Z_]+)\})");
    std::map<std::string, std::string> variables;
    for (std::sregex_iterator it(text.begin(), text.end(), variable), end; it != end; ++it)
      variables[(*it)[1]] = (*it)[1] == "CREDENTIALS_DIRECTORY" ? folder.path().string() : "docs";
    return variables;
  }

  /// With its key, as PEM.
  const std::string& certificate() {
    if (certificate_.empty()) {
      const auto made = testing_support::makeSelfSigned("127.0.0.1");
      certificate_ = made->chain_pem + made->key_pem;
    }
    return certificate_;
  }

  std::string certificate_;
};

void expectNone(const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) ADD_FAILURE() << problem;
}

TEST_F(DocumentedConfigurations, AreTakenByTheProgram) {
  int checked = 0;
  for (const Block& block : allBlocks()) {
    if (block.language != "yaml" || !block.noted("of").empty()) continue;
    ++checked;
    const auto problems = problemsOf(block, "scanhost.yaml");
    const std::string wrong = block.noted("wrong");
    if (wrong.empty())
      expectNone(problems);
    else if (problems.empty() || problems[0].find(wrong) == std::string::npos)
      ADD_FAILURE() << block.at() << ": is not refused for " << wrong;
  }
  EXPECT_GT(checked, 30);
}

TEST_F(DocumentedConfigurations, AreTakenAsIniToo) {
  int checked = 0;
  for (const Block& block : allBlocks()) {
    if (block.language != "ini" || block.isUnit() || !block.noted("of").empty()) continue;
    ++checked;
    expectNone(problemsOf(block, "scanhost.ini"));
  }
  EXPECT_GT(checked, 0);
}

TEST(ConfigurationsOfOthers, AreYamlAndWhatTheirProgramTakes) {
  for (const Block& block : allBlocks()) {
    const std::string program = block.noted("of");
    if (block.language != "yaml" || program.empty()) continue;
    try {
      YAML::Load(block.text);
    } catch (const YAML::ParserException& error) {
      ADD_FAILURE() << block.at(error.mark.line + 1) << ": " << error.msg;
    }
    if (program != "prometheus" || !isHere("promtool")) continue;
    const Folder folder;
    const auto ended = testing_support::run({{"promtool", "check", "config", "--syntax-only",
                                              folder.write("prometheus.yml", block.text).string()},
                                             {},
                                             {}});
    if (ended.exit_code != 0) ADD_FAILURE() << block.at() << ": " << ended.out << ended.err;
  }
}

}  // namespace
}  // namespace scanhost::docs
