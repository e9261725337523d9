// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "host/operations/service_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/policy/scope.h"

namespace scanhost {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ServiceError, WhatIsOutsideTheAllowListIsToBeAllowed) {
  const ServiceError error = ServiceError::policyDenied(policy_rule::not_allowed, "");
  EXPECT_THAT(error.hint, HasSubstr("policy.targets.allow"));
}

TEST(ServiceError, ANameThatDoesNotResolveIsNotToBeAllowedButCorrected) {
  const ServiceError error = ServiceError::policyDenied(policy_rule::name_unresolved, "");
  EXPECT_THAT(error.hint, HasSubstr("Correct the target"));
  EXPECT_THAT(error.hint, Not(HasSubstr("policy.targets.allow")));
}

}  // namespace
}  // namespace scanhost
