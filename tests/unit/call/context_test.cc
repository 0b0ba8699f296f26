#include "services/call/context.h"

#include <gmock/gmock.h>

namespace journeyfeed::call {
namespace {

constexpr char kUser[] = "11111111-1111-4111-8111-111111111111";
constexpr char kOther[] = "22222222-2222-4222-8222-222222222222";

TEST(Context, WithoutHeadersTheUserIsNilAndTheCorrelationIsMade) {
  CallContext context;
  EXPECT_TRUE(ReadMetadata({}, context).empty());
  EXPECT_TRUE(context.user.IsNil());
  EXPECT_TRUE(context.initiating_user.IsNil());
  EXPECT_FALSE(context.on_behalf);
  EXPECT_FALSE(context.correlation_id.IsNil());
  EXPECT_EQ(context.correlation_text, context.correlation_id.ToString());
}

TEST(Context, CallerIsTheUserUnlessOnBehalf) {
  CallContext context;
  EXPECT_TRUE(ReadMetadata({{kUserHeader, kUser}}, context).empty());
  EXPECT_EQ(context.user.ToString(), kUser);
  EXPECT_EQ(context.initiating_user.ToString(), kUser);
  CallContext acted;
  EXPECT_TRUE(ReadMetadata({{kUserHeader, kUser}, {kOnBehalfHeader, kOther}}, acted).empty());
  EXPECT_EQ(acted.user.ToString(), kOther);
  EXPECT_EQ(acted.initiating_user.ToString(), kUser);
  EXPECT_TRUE(acted.on_behalf);
}

TEST(Context, NamesEveryBadHeader) {
  CallContext context;
  const auto violations = ReadMetadata({{kUserHeader, "me"}, {kOnBehalfHeader, ""}}, context);
  ASSERT_EQ(violations.size(), 2u);
  EXPECT_EQ(violations[0].field, kUserHeader);
  EXPECT_EQ(violations[1].field, kOnBehalfHeader);
  EXPECT_FALSE(context.correlation_text.empty());
  EXPECT_EQ(ReadMetadata({{kUserHeader, kUser}, {kUserHeader, kOther}}, context).size(), 1u);
}

TEST(Context, CorrelationIsKeptAsGivenAndHasAUuid) {
  const auto read = [](const RequestMetadata& metadata) {
    CallContext context;
    EXPECT_TRUE(ReadMetadata(metadata, context).empty());
    return context;
  };
  const auto uuid = read({{kCorrelationHeader, "{6628BBF7-C52A-E911-A9B7-000D3A1E6ADC}"}});
  EXPECT_EQ(uuid.correlation_text, "{6628BBF7-C52A-E911-A9B7-000D3A1E6ADC}");
  EXPECT_EQ(uuid.correlation_id.ToString(), "6628bbf7-c52a-e911-a9b7-000d3a1e6adc");
  const auto digits = read({{kCorrelationHeader, "6628bbf7c52ae911a9b7000d3A1E6ADC"}});
  EXPECT_EQ(digits.correlation_id, uuid.correlation_id);
  const auto name = read({{kCorrelationHeader, "order 17"}});
  EXPECT_EQ(name.correlation_text, "order 17");
  EXPECT_EQ(name.correlation_id, Uuid::FromName("order 17"));
}

TEST(Context, UnusableCorrelationFallsBackToTheTrace) {
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const std::string too_long(129, 'x');
  for (const grpc::string_ref& bad : {grpc::string_ref(""), grpc::string_ref("a\tb"), grpc::string_ref(too_long)}) {
    CallContext context;
    ReadMetadata({{kCorrelationHeader, bad}, {kTraceHeader, trace}}, context);
    EXPECT_EQ(context.correlation_text, "4bf92f3577b34da6a3ce929d0e0e4736");
    EXPECT_EQ(context.correlation_id.ToString(), "4bf92f35-77b3-4da6-a3ce-929d0e0e4736");
  }
  for (const char* bad :
       {"00-4bf92f3577b34da6a3ce929d0e0e473", "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", ""}) {
    CallContext context;
    ReadMetadata({{kTraceHeader, bad}}, context);
    EXPECT_EQ(context.correlation_text, context.correlation_id.ToString()) << bad;
  }
}

}  // namespace
}  // namespace journeyfeed::call
