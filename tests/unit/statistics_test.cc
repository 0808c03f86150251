#include "pickle/statistics.h"

#include <gtest/gtest.h>

#include <string>

namespace cppickle {
namespace {

TEST(Statistics, Counts) {
  const std::string stream =
      std::string("\x80\x04\x95\x10\0\0\0\0\0\0\0]\x94(K\x01\x8c\x02hih\0M\0\0e.", 11 + 16) + std::string(300, 'N');
  const auto found = count_instructions(stream);
  ASSERT_TRUE(found) << found.error().to_string();
  EXPECT_EQ(found->size, 27U);
  EXPECT_EQ(found->total(), 11U);
  EXPECT_EQ(found->declared_protocol, 4);
  EXPECT_EQ(found->highest_protocol, 4);
  EXPECT_EQ(found->frames(), 1U);
  EXPECT_EQ(found->memo_puts(), 1U);
  EXPECT_EQ(found->memo_gets(), 1U);
  EXPECT_EQ(found->bytes_of_kind(PayloadKind::kText), 4U);
  EXPECT_EQ(found->bytes_of_kind(PayloadKind::kNumber), 5U);
  EXPECT_EQ(found->bytes_of_kind(PayloadKind::kMemo), 3U);
  EXPECT_EQ(found->bytes_of_kind(PayloadKind::kFraming), 12U);
  std::uint64_t sum = 0;
  for (std::size_t kind = 0; kind < kPayloadKinds; ++kind) sum += found->bytes_of_kind(static_cast<PayloadKind>(kind));
  EXPECT_EQ(sum, found->size);
}

TEST(Statistics, Errors) {
  EXPECT_EQ(count_instructions("").error().code, ErrorCode::kTruncated);
  EXPECT_EQ(count_instructions("N\xff").error().code, ErrorCode::kUnknownOpcode);
  EXPECT_EQ(count_instructions("X\xff\xff\xff\x7fN.").error().code, ErrorCode::kTruncated);
}

}  // namespace
}  // namespace cppickle
