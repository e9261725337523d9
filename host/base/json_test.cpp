// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0

/// The bounds of the reader of JSON: what is over one is refused where it crosses it, unread.
#include <gtest/gtest.h>
#include <scanhost/json.h>

#include <string>

namespace scanhost {
namespace {

std::size_t refusedAt(const std::string& text, JsonLimits limits = {}) {
  try {
    Json::parse(text, limits);
  } catch (const JsonError& error) {
    return error.offset();
  }
  return std::string::npos;
}

TEST(JsonLimits, DeepNestingIsRefusedWhereItBegins) {
  EXPECT_LE(refusedAt(std::string(1 << 20, '[')), 65u);
  std::string objects;
  for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
  EXPECT_LE(refusedAt(objects), 65u * 5);
}

TEST(JsonLimits, TooManyValuesAreRefusedAtTheFirstTooMany) {
  std::string many = "[";
  for (int i = 0; i < 100'000; ++i) many += "0,";
  EXPECT_LE(refusedAt(many, {.depth = 64, .values = 1'000}), 2'002u);
}

TEST(JsonLimits, WhatKeepsWithinThemIsRead) {
  EXPECT_EQ(refusedAt(std::string(64, '[') + std::string(64, ']')), std::string::npos);
}

}  // namespace
}  // namespace scanhost
