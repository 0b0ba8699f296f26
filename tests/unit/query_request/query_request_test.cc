#include "services/entity/query_request.h"

#include <gmock/gmock.h>

#include <cstring>

#include "journeyfeed/customerjourney/v1/customer_journey.pb.h"
#include "storage/dictionary/mask.h"

namespace journeyfeed::entity_service {
namespace {

namespace pb = entity::v1;
using pb::RetrieveMultipleRequest;

const dictionary::Entity& Journeys() {
  return dictionary::Describe(customerjourney::v1::CustomerJourney::descriptor());
}

const feed::TokenCodec& Tokens() {
  static const feed::TokenCodec tokens([] {
    return std::vector<std::pair<std::uint8_t, std::string>>{{1, "a secret of the first database"}};
  });
  return tokens;
}

Result<CheckedQuery> Check(const std::string& order_by, const std::string& token) {
  RetrieveMultipleRequest request;
  request.set_order_by(order_by);
  request.set_page_token(token);
  return ReadQueryRequest(Journeys(), Tokens(), QuerySettings{}, request, {Uuid{}, Timestamp{1'700'000'000'000'000}});
}

// In the format of the first version, which compared text by lower().
std::string TokenOfTheFirstVersion(const std::string& order_by) {
  const std::uint64_t columns = *dictionary::ParseColumns(Journeys(), {}, "columns");
  const Uuid digest =
      Uuid::FromName(std::to_string(columns) + "/0//" + std::to_string(order_by.size()) + "/" + order_by);
  std::uint64_t query = 0;
  std::memcpy(&query, digest.bytes.data(), sizeof query);
  return Tokens().EncodePage(Journeys(), query, {.as_of = {17}, .values = {"a", std::string(16, 'x')}});
}

// Another case folding means another place in the order: records would be skipped.
TEST(QueryRequest, APageTokenOfAnotherFoldIsRefused) {
  for (const char* order : {"name", "status_code desc,msdyncrm_purpose"}) {
    const auto checked = Check(order, TokenOfTheFirstVersion(order));
    ASSERT_FALSE(checked) << order;
    EXPECT_EQ(checked.error().violations.at(0).reason, pb::ERROR_REASON_QUERY_BUILDER_INVALID_PAGING_COOKIE);
  }
  for (const char* order : {"", "status_code", "_ownerid_value,created_on desc"}) {
    const auto checked = Check(order, TokenOfTheFirstVersion(order));
    ASSERT_TRUE(checked) << order;
    EXPECT_EQ(checked->as_of, Timestamp{17});
  }
}

}  // namespace
}  // namespace journeyfeed::entity_service
