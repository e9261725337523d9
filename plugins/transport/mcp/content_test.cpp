// SPDX-FileCopyrightText: scanhost contributors
// SPDX-License-Identifier: Apache-2.0
#include "plugins/transport/mcp/content.h"

#include <gtest/gtest.h>

namespace scanhost::mcp {
namespace {

std::string shaped(Revision revision, const ContentHead& head, std::string_view bytes,
                   ContentList::Form form = ContentList::Form::tool) {
  ContentList list(revision, form);
  EXPECT_TRUE(list.add(head, bytes, false));
  return list.text();
}

TEST(Content, Base64HasThePaddingOfItsLength) {
  EXPECT_EQ(encodeBase64(""), "");
  EXPECT_EQ(encodeBase64("f"), "Zg==");
  EXPECT_EQ(encodeBase64("fo"), "Zm8=");
  EXPECT_EQ(encodeBase64("foo"), "Zm9v");
  EXPECT_EQ(encodeBase64(std::string_view("\xff\x00\x10", 3)), "/wAQ");
}

TEST(Content, TextImageAndResource) {
  EXPECT_EQ(shaped(Revision::r2024_11_05, {}, "a\"b"), R"([{"type":"text","text":"a\"b"}])");
  EXPECT_EQ(
      shaped(Revision::r2024_11_05, {.kind = ContentKind::image, .media_type = "image/png"}, "foo"),
      R"([{"type":"image","data":"Zm9v","mimeType":"image/png"}])");
  EXPECT_EQ(
      shaped(Revision::r2024_11_05,
             {.kind = ContentKind::resource, .media_type = "text/plain", .uri = "a://b"}, "foo"),
      R"([{"type":"resource","resource":{"uri":"a://b","mimeType":"text/plain","text":"foo"}}])");
}

TEST(Content, AudioIsTextBeforeThereWasAudio) {
  const ContentHead audio{.kind = ContentKind::audio, .media_type = "audio/wav"};
  EXPECT_EQ(shaped(Revision::r2025_03_26, audio, "foo"),
            R"([{"type":"audio","data":"Zm9v","mimeType":"audio/wav"}])");
  EXPECT_EQ(shaped(Revision::r2024_11_05, audio, "foo"),
            R"x([{"type":"text","text":"(audio, audio/wav, 3 bytes)"}])x");
}

TEST(Content, ALinkIsTextBeforeThereWereLinks) {
  const ContentHead link{.kind = ContentKind::link, .uri = "a://b", .name = "n", .title = "T"};
  EXPECT_EQ(shaped(Revision::r2025_06_18, link, ""),
            R"([{"type":"resource_link","uri":"a://b","name":"n","title":"T"}])");
  EXPECT_EQ(shaped(Revision::r2025_03_26, link, ""), R"([{"type":"text","text":"T: a://b"}])");
}

TEST(Content, PiecesAreOneContent) {
  ContentList list(newest_session_revision, ContentList::Form::tool);
  EXPECT_TRUE(list.add({}, "a", true));
  EXPECT_TRUE(list.add({}, "b", true));
  EXPECT_TRUE(list.add({}, "c", false));
  EXPECT_TRUE(list.add({}, "d", false));
  EXPECT_EQ(list.text(), R"([{"type":"text","text":"abc"},{"type":"text","text":"d"}])");
}

TEST(Content, OfAPromptHasARoleAndOfAResourceItsBytes) {
  EXPECT_EQ(shaped(newest_session_revision, {.role = SCANHOST_ROLE_ASSISTANT}, "x",
                   ContentList::Form::prompt),
            R"([{"role":"assistant","content":{"type":"text","text":"x"}}])");
  EXPECT_EQ(shaped(newest_session_revision,
                   {.kind = ContentKind::resource, .binary = true, .uri = "a://b"}, "foo",
                   ContentList::Form::resource),
            R"([{"uri":"a://b","blob":"Zm9v"}])");
}

TEST(Content, MoreThanOneAnswerMayHoldIsRefused) {
  ContentList list(newest_session_revision, ContentList::Form::tool);
  const std::string half(ContentList::max_bytes / 2 + 1, 'x');
  EXPECT_TRUE(list.add({}, half, true));
  EXPECT_FALSE(list.add({}, half, false));
}

}  // namespace
}  // namespace scanhost::mcp
