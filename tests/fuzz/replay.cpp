// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Runs a fuzz target without libFuzzer: each file of its corpus, then mutations of them.
///
///     fuzz_json FOLDER|FILE... [--rounds N] [--seconds N] [--seed N]
///
/// The mutations follow from the seed alone, so a failure repeats. An input that ends the program,
/// or is not done within ten seconds, is left in `failed-<target>` in the working folder; give that
/// file instead of the corpus, with --rounds 0, to run it again. One thread.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz_target.h"

namespace {

namespace fs = std::filesystem;

constexpr unsigned input_seconds = 10;
constexpr std::size_t most_bytes = 64 * 1024;

std::string failure_file;
const std::string* current_input = nullptr;

/// Called on the way to death: only what signal handlers may do.
void keepInput(int signal_number) {
  const int file = open(failure_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file >= 0 && current_input) {
    [[maybe_unused]] const auto written = write(file, current_input->data(), current_input->size());
    constexpr char told[] = "the input is kept in ";
    [[maybe_unused]] auto shown = write(2, told, sizeof told - 1);
    shown = write(2, failure_file.data(), failure_file.size());
    shown = write(2, "\n", 1);
  }
  signal(signal_number, SIG_DFL);
  raise(signal_number);
}

struct Options {
  std::vector<fs::path> inputs;
  std::size_t rounds = 20'000;
  std::chrono::milliseconds time{3'000};
  std::uint64_t seed = 20251124;
};

Options readOptions(int count, char** words) {
  Options options;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (i + 1 < count && word == "--rounds")
      options.rounds = std::stoul(words[++i]);
    else if (i + 1 < count && word == "--seconds")
      options.time = std::chrono::seconds(std::stoul(words[++i]));
    else if (i + 1 < count && word == "--seed")
      options.seed = std::stoull(words[++i]);
    else
      options.inputs.emplace_back(word);
  }
  return options;
}

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> readInputs(const std::vector<fs::path>& paths) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    if (fs::is_directory(path))
      std::copy(fs::directory_iterator(path), {}, std::back_inserter(files));
    else
      files.push_back(path);
  }
  std::sort(files.begin(), files.end());  // the order of a folder is not the same everywhere
  std::vector<std::string> inputs;
  for (const fs::path& file : files) inputs.push_back(contents(file));
  return inputs;
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& corpus, std::uint64_t seed)
      : corpus_(corpus), random_(seed) {}

  std::string next() {
    std::string input = any();
    for (std::size_t i = 0, steps = 1 + below(6); i < steps; ++i) change(input);
    input.resize(std::min(input.size(), most_bytes));
    return input;
  }

 private:
  std::size_t below(std::size_t bound) { return bound ? random_() % bound : 0; }
  const std::string& any() { return corpus_[below(corpus_.size())]; }

  /// A piece of at most `most` bytes of some input.
  std::string piece(std::size_t most) {
    const std::string& from = any();
    return from.empty() ? std::string() : from.substr(below(from.size()), 1 + below(most));
  }

  void change(std::string& input) {
    static constexpr std::array<char, 20> telling{'\0', '\n', '\r', '"',    '\'',   '\\',  '{',
                                                  '}',  '[',  ']',  ':',    ',',    '<',   '>',
                                                  '&',  '-',  '/',  '\x7f', '\x80', '\xff'};
    const std::size_t at = below(input.size() + 1);
    switch (below(8)) {
      case 0:
        if (at < input.size()) input[at] = static_cast<char>(random_());
        return;
      case 1:
        if (at < input.size()) input[at] = static_cast<char>(input[at] ^ (1 << below(8)));
        return;
      case 2: input.insert(at, 1, telling[below(telling.size())]); return;
      case 3: input.erase(at, 1 + below(16)); return;
      case 4: input.insert(at, piece(64)); return;
      case 5: input.resize(at); return;
      case 6: input.insert(at, input.substr(below(input.size() + 1), 1 + below(64))); return;
      default: input.insert(at, std::string(1 + below(300), telling[below(telling.size())]));
    }
  }

  const std::vector<std::string>& corpus_;
  std::mt19937_64 random_;
};

void run(const std::string& input) {
  current_input = &input;
  alarm(input_seconds);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

}  // namespace

int main(int count, char** words) {
  const Options options = readOptions(count, words);
  failure_file = "failed-" + fs::path(words[0]).filename().string();
  for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGALRM})
    signal(number, keepInput);

  const std::vector<std::string> corpus = readInputs(options.inputs);
  if (corpus.empty()) {
    std::cerr << "no input; name the target's corpus folder\n";
    return 2;
  }
  for (const std::string& input : corpus) run(input);

  Mutator mutator(corpus, options.seed);
  const auto end = std::chrono::steady_clock::now() + options.time;
  std::size_t done = 0;
  while (done < options.rounds && std::chrono::steady_clock::now() < end) {
    const std::string input = mutator.next();
    run(input);
    ++done;
  }
  alarm(0);
  std::cout << corpus.size() << " inputs and " << done << " mutations: every promise kept\n";
}
