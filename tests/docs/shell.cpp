// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "tests/docs/shell.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace scanhost::docs {
namespace {

/// Words that stand before a command and are none.
const std::set<std::string> grammar = {"do",    "then", "else", "if", "while",
                                       "until", "!",    "{",    "}",  "time"};

bool assigns(const std::string& word) {
  const std::size_t equals = word.find('=');
  return equals != std::string::npos && equals > 0 &&
         word.find_first_not_of(
             "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789+") == equals;
}

class Reader {
 public:
  Reader(const std::string& text, int line, std::vector<Call>& calls)
      : text_(text), line_(line), calls_(calls) {}

  void read() {
    while (at_ < text_.size()) step();
    endCall();
  }

 private:
  enum class Into { words, nowhere, here };

  void step() {
    const char c = text_[at_];
    if (text_.compare(at_, 2, "\\\n") == 0) {
      at_ += 2;
      ++line_;
    } else if (c == ' ' || c == '\t') {
      ++at_;
    } else if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '\n') {
      endCall();
      ++at_;
      ++line_;
      skipHereDocuments();
    } else if (std::string_view(";&|()").find(c) != std::string_view::npos) {
      endCall();
      ++at_;
    } else if (c == '<' || c == '>') {
      redirect();
    } else {
      const int line = line_;
      take(word(), line);
    }
  }

  void redirect() {
    const std::size_t end = std::min(text_.find_first_not_of("<>&|", at_), text_.size());
    const std::string sign = text_.substr(at_, end - at_);
    at_ = end;
    into_ = sign == "<<" ? Into::here : Into::nowhere;
    if (sign == "<(" || sign == ">(") into_ = Into::words;
  }

  void take(const std::string& word, int line) {
    const Into into = into_;
    into_ = Into::words;
    if (into == Into::nowhere) return;
    if (into == Into::here) return here_.push_back(word);
    // The number of a descriptor belongs to its redirection.
    if (at_ < text_.size() && (text_[at_] == '<' || text_[at_] == '>') &&
        word.find_first_not_of("0123456789") == std::string::npos)
      return;
    if (call_.words.empty() && (grammar.contains(word) || assigns(word))) return;
    if (call_.words.empty()) call_.line = line;
    call_.words.push_back(word);
  }

  void endCall() {
    const auto& words = call_.words;
    if (words.size() > 2 && words[0].ends_with("sh") && words[1] == "-c")
      Reader(words[2], call_.line, calls_).read();
    if (!call_.words.empty()) calls_.push_back(std::move(call_));
    call_ = {};
  }

  void skipHereDocuments() {
    for (const std::string& end : here_)
      while (at_ < text_.size()) {
        const std::size_t next = std::min(text_.find('\n', at_), text_.size());
        const std::string line = text_.substr(at_, next - at_);
        at_ = next + 1;
        ++line_;
        if (line == end) break;
      }
    here_.clear();
  }

  std::string word() {
    std::string out;
    char quote = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (quote == 0 && std::string_view(" \t\n;&|<>)").find(c) != std::string_view::npos) break;
      if (c == '\n') ++line_;
      if (c == '(' && quote == 0 && !out.empty() && out.back() == '=') {
        out += array();
      } else if (c == '(' && quote == 0) {
        break;  // a function is defined
      } else if (quote != '\'' && text_.compare(at_, 2, "$(") == 0) {
        out += substitution();
      } else if (quote == 0 && text_.compare(at_, 2, "${") == 0) {
        const std::size_t end = std::min(text_.find('}', at_), text_.size() - 1);
        out += text_.substr(at_, end - at_ + 1);
        at_ = end;
      } else if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
      } else if (quote != 0 && c == quote) {
        quote = 0;
      } else if (quote != '\'' && c == '\\' && at_ + 1 < text_.size()) {
        if (text_[++at_] != '\n')
          out += text_[at_];
        else
          ++line_;
      } else {
        out += c;
      }
    }
    return out;
  }

  /// $(...) from here to its end, whose commands are calls, too.
  std::string substitution() {
    const std::size_t begin = at_;
    at_ = closing(at_ + 1);
    Reader(text_.substr(begin + 2, at_ - begin - 2), line_, calls_).read();
    return text_.substr(begin, at_ - begin + 1);
  }

  /// The words of NAME=(...) as one.
  std::string array() {
    const std::size_t begin = at_;
    at_ = closing(at_);
    return text_.substr(begin, at_ - begin + 1);
  }

  /// Where the parenthesis that opens at `open` closes.
  std::size_t closing(std::size_t open) const {
    char quote = 0;
    int depth = 0;
    for (std::size_t i = open; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '(') {
        ++depth;
      } else if (c == ')' && --depth == 0) {
        return i;
      }
    }
    return text_.size() - 1;
  }

  const std::string text_;
  std::size_t at_ = 0;
  int line_;
  Into into_ = Into::words;
  Call call_;
  std::vector<std::string> here_;
  std::vector<Call>& calls_;
};

/// The word that ends a here-document which a line opens; empty without one.
std::string opensHereDocument(const std::string& line) {
  const std::size_t at = line.find("<<");
  if (at == std::string::npos || line.compare(at, 3, "<<<") == 0) return "";
  const std::size_t begin = line.find_first_not_of("'\" -", at + 2);
  return line.substr(begin, line.find_first_of("'\" \n", begin) - begin);
}

/// None of a block that is no shell's.
std::vector<Call> callsOf(const Block& block) {
  if (block.language == "sh") return callsIn(block.text);
  std::vector<Call> calls;
  if (block.language != "console") return calls;
  for (const Exchange& exchange : exchangesOf(block))
    for (Call& call : callsIn(exchange.typed, exchange.line)) calls.push_back(std::move(call));
  return calls;
}

}  // namespace

std::vector<Exchange> exchangesOf(const Block& block) {
  std::vector<Exchange> exchanges;
  const std::string prompt = block.text.substr(0, 2);
  if (prompt != "$ " && prompt != "# ") return exchanges;
  std::string until;
  bool goes_on = false;
  int number = 0;
  for (const std::string& line : linesOf(block.text)) {
    ++number;
    if (!until.empty() || goes_on) {
      exchanges.back().typed += line + "\n";
      if (line == until) until.clear();
      goes_on = until.empty() && line.ends_with("\\");
    } else if (line.starts_with(prompt)) {
      exchanges.push_back({number, line.substr(2) + "\n", {}});
      until = opensHereDocument(line);
      goes_on = line.ends_with("\\");
    } else {
      exchanges.back().shown.push_back(line);
    }
  }
  return exchanges;
}

std::vector<Call> callsIn(const std::string& text, int first_line) {
  std::vector<Call> calls;
  Reader(text, first_line, calls).read();
  return calls;
}

void forEachCommand(
    const std::function<void(const std::string& place, const std::filesystem::path& folder,
                             const std::vector<std::string>& words)>& visit) {
  for (const Block& block : allBlocks()) {
    std::filesystem::path folder = ".";
    for (const Call& call : callsOf(block)) {
      visit(block.at(call.line), folder, call.words);
      if (call.words.size() == 2 && call.words[0] == "cd") folder /= call.words[1];
    }
  }
}

std::vector<std::string> innermost(std::vector<std::string> words) {
  const auto after = [&words](std::size_t count) {
    return innermost(
        {words.begin() + static_cast<std::ptrdiff_t>(std::min(count, words.size())), words.end()});
  };
  if (words.empty()) return words;
  if (words[0] == "exec" || words[0] == "nohup") return after(1);
  if (words[0] == "ssh" && words.size() > 2 && !words[1].starts_with("-")) return after(2);
  if (words[0] == "sudo") return after(words.size() > 1 && words[1] == "-u" ? 3 : 1);
  if (words[0] == "gdb" && words.size() > 1 && words[1] == "--args") return after(2);
  if (words[0] == "docker" && words.size() > 2 && words[1] == "compose") {
    if (words[2] == "exec") return after(4);
    const auto entry = std::find(words.begin(), words.end(), "--entrypoint");
    if (words.end() - entry < 3) return words;
    std::vector<std::string> inner(entry + 3, words.end());
    inner.insert(inner.begin(), entry[1]);
    return inner;
  }
  return words;
}

}  // namespace scanhost::docs
