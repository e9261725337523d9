// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// Just enough of a test framework for a plugin that has no other. A test file reads:
///
///     SCANHOST_TEST(ARefusedPortIsNoFinding) {
///       SCANHOST_EXPECT(outcome.findings.empty());
///       SCANHOST_EXPECT_EQUAL(outcome.hosts.size(), 1u);
///     }
///     SCANHOST_TEST_MAIN()
///
/// The program runs all tests, or those named as its arguments, prints what failed, and exits with
/// 1 when anything did. Single-threaded; for a program with many tests take a real framework.
#ifndef SCANHOST_TESTING_CHECK_H
#define SCANHOST_TESTING_CHECK_H

#include <cstdio>
#include <exception>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "../error.h"

namespace scanhost {
inline namespace v1 {
namespace plugintest {

struct Test {
  std::string_view name;
  void (*run)();
};

/// Every test of the program, in order of appearance.
inline std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

/// Adds a test; SCANHOST_TEST makes one.
struct TestRegistration {
  TestRegistration(std::string_view name, void (*run)()) { tests().push_back({name, run}); }
};

/// How many expectations failed so far.
inline int& failures() {
  static int count = 0;
  return count;
}

inline void fail(const char* file, int line, const std::string& what) {
  ++failures();
  std::fprintf(stderr, "%s:%d: %s\n", file, line, what.c_str());
}

template <class A, class B>
void expectEqual(const A& a, const B& b, const char* text, const char* file, int line) {
  if (a == b) return;
  std::ostringstream out;
  out << text << " differ: " << a << " and " << b;
  fail(file, line, out.str());
}

/// What `act` failed with. Fails the test, and answers an internal error, when it did not fail.
template <class Act>
PluginError errorOf(Act&& act) {
  try {
    act();
  } catch (const PluginError& error) {
    return error;
  }
  fail("errorOf", 0, "nothing failed where an error was expected");
  return PluginError(ErrorClass::internal, "nothing failed");
}

inline int runTests(int argc, char** argv) {
  int ran = 0;
  for (const Test& test : tests()) {
    bool wanted = argc < 2;
    for (int i = 1; i < argc; ++i) wanted = wanted || test.name == argv[i];
    if (!wanted) continue;
    ++ran;
    const int before = failures();
    try {
      test.run();
    } catch (const std::exception& error) {
      fail("an exception left the test", 0, error.what());
    }
    std::printf("%-6s %.*s\n", failures() == before ? "passed" : "FAILED",
                static_cast<int>(test.name.size()), test.name.data());
  }
  if (ran == 0) std::fprintf(stderr, "no test has any of these names\n");
  return ran == 0 || failures() != 0 ? 1 : 0;
}

}  // namespace plugintest
}  // namespace v1
}  // namespace scanhost

#define SCANHOST_TEST(name)                                                                 \
  static void name();                                                                       \
  static const ::scanhost::plugintest::TestRegistration scanhost_test_##name(#name, &name); \
  static void name()

#define SCANHOST_EXPECT(condition) \
  ((condition) ? void() : ::scanhost::plugintest::fail(__FILE__, __LINE__, "not true: " #condition))

#define SCANHOST_EXPECT_EQUAL(a, b) \
  ::scanhost::plugintest::expectEqual((a), (b), #a " and " #b, __FILE__, __LINE__)

#define SCANHOST_TEST_MAIN()                             \
  int main(int argc, char** argv) {                      \
    return ::scanhost::plugintest::runTests(argc, argv); \
  }

#endif
