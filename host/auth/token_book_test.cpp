// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/auth/token_book.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include "host/base/movable_clock_test.h"
#include "tests/support/folder.h"

namespace scanhost {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

class TokenBookTest : public testing::Test {
 protected:
  TokenBookTest() {
    token = createToken(file, {"ci", {Role::client}, 1h}).value();
    book.emplace(
        file, [this](const std::string& what) { troubles.push_back(what); }, clock);
  }
  ErrorClass refusal(const std::string& text) const {
    const auto found = book->find(text);
    return found ? ErrorClass{} : found.error().error_class;
  }

  testing_support::Folder folder;
  const std::filesystem::path file = folder.path() / "tokens";
  MovableClock clock;
  std::string token;
  std::vector<std::string> troubles;
  std::optional<TokenBook> book;
};

TEST_F(TokenBookTest, KnowsTheWholeTokenAndNothingElse) {
  EXPECT_EQ(book->find(token)->name, "ci");
  for (const std::string& wrong :
       {std::string(), token.substr(0, token.size() - 1), token + "A", std::string("scanhost_")})
    EXPECT_EQ(refusal(wrong), ErrorClass::auth) << wrong;
}

TEST_F(TokenBookTest, ExpiryEndsIt) {
  clock.pass(2h);
  EXPECT_THAT(book->find(token).error().message, HasSubstr("ci has expired"));
}

TEST_F(TokenBookTest, RevokedAndNewOnesAreNoticedWithinASecond) {
  ASSERT_TRUE(revokeToken(file, "ci"));
  const std::string other = createToken(file, {"other", {Role::viewer}, {}}).value();
  clock.pass(1s);
  EXPECT_EQ(refusal(token), ErrorClass::auth);
  EXPECT_EQ(book->find(other)->name, "other");
}

TEST_F(TokenBookTest, AFileThatOthersMayReadLetsNobodyInUntilItIsMended) {
  chmod(file.c_str(), 0644);
  clock.pass(1s);
  EXPECT_EQ(refusal(token), ErrorClass::transient);
  clock.pass(1s);
  EXPECT_EQ(refusal(token), ErrorClass::transient);
  EXPECT_EQ(troubles.size(), 1u) << "said once";
  chmod(file.c_str(), 0600);
  clock.pass(1s);
  EXPECT_TRUE(book->find(token));
}

TEST_F(TokenBookTest, AFileThatIsGoneLetsNobodyIn) {
  std::filesystem::remove(file);
  clock.pass(1s);
  EXPECT_EQ(refusal(token), ErrorClass::transient);
  ASSERT_EQ(troubles.size(), 1u);
  EXPECT_THAT(troubles[0], HasSubstr("is missing"));
}

}  // namespace
}  // namespace scanhost
