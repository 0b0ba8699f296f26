#include "services/customer_journey/journey_checks.h"

#include <chrono>
#include <memory>
#include <utility>

#include "journeyfeed/customerjourney/v1/customer_journey_service.pb.h"
#include "services/customer_journey/journey_reads.h"
#include "services/customer_journey/validate_request.h"
#include "services/entity/request_parts.h"
#include "services/entity/write_outcome.h"

namespace journeyfeed::customer_journey {
namespace {

namespace v1 = customerjourney::v1;
using entity_service::Violations;

constexpr std::int64_t kMostIterations = 1000;

Timestamp Now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::duration_cast<std::chrono::microseconds>(now).count()};
}

}  // namespace

JourneyChecks::JourneyChecks(Store& store, const feed::TokenCodec& tokens, const RecordStates* records)
    : store_(store),
      tokens_(tokens),
      records_(records),
      entity_(dictionary::Describe(v1::CustomerJourney::descriptor())) {}

void JourneyChecks::Register(call::RawService& service) {
  // A ValidateRequest has the columns of a journey as its own fields, so it is as large as a record.
  service.Unary<v1::ValidateRequest, v1::ValidateResponse>(
      "Validate", [this](const ValidateCall& call) { Validate(call); }, call::RequestSize::kLarge);
  service.Unary<v1::RetrieveJourneyReferencesRequest, v1::RetrieveJourneyReferencesResponse>(
      "RetrieveJourneyReferences", [this](const ReferencesCall& call) { RetrieveReferences(call); });
  service.Unary<v1::RetrieveJourneyIterationsRequest, v1::RetrieveJourneyIterationsResponse>(
      "RetrieveJourneyIterations", [this](const IterationsCall& call) { RetrieveIterations(call); });
  service.Unary<v1::GetAllTimeZonesWithDisplayNameRequest, v1::GetAllTimeZonesWithDisplayNameResponse>(
      "GetAllTimeZonesWithDisplayName", [](const auto& call) { call.Finish(TimeZones()); });
}

void JourneyChecks::Validate(const ValidateCall& call) {
  auto journey = ReadValidateRequest(call.mutable_request());
  if (!journey) return call.Finish(std::unexpected(journey.error()));
  Context context{.records = records_};
  if (journey->status_code() == v1::CUSTOMER_JOURNEY_STATUS_CODE_GOING_LIVE) context.going_live_at = Now();
  const auto shared = std::make_shared<const v1::CustomerJourney>(*std::move(journey));
  queue_.RunCheck(shared->workflow_definition().size(), call.context().deadline,
                  [call, shared, context](Result<void> go) {
                    if (!go) return call.Finish(std::unexpected(go.error()));
                    call.Finish(ToResponse(customer_journey::Validate(*shared, context)));
                  });
}

void JourneyChecks::RetrieveReferences(const ReferencesCall& call) { WithJourney(call, {}, ReferencesOf); }

void JourneyChecks::RetrieveIterations(const IterationsCall& call) {
  const auto& request = call.request();
  Violations violations;
  const auto refuse = [&](const char* field) {
    violations.push_back({field, "must not be negative", entity::v1::ERROR_REASON_INVALID_ARGUMENT});
  };
  if (request.first_iteration_number() < 0) refuse("first_iteration_number");
  if (request.page_size() < 0) refuse("page_size");
  const std::int64_t first = std::max<std::int64_t>(request.first_iteration_number(), 1);
  const std::int64_t count =
      request.page_size() == 0 ? kMostIterations : std::min<std::int64_t>(request.page_size(), kMostIterations);
  WithJourney(call, std::move(violations),
              [first, count](const v1::CustomerJourney& journey) { return IterationsOf(journey, first, count); });
}

template <typename AnyHandle, typename Answer>
void JourneyChecks::WithJourney(const AnyHandle& call, Violations violations, Answer answer) {
  const auto& request = call.request();
  RecordRequest read{
      .entity = &entity_, .key = {}, .not_before = {}, .deadline = call.context().deadline, .gone = call.gone()};
  read.key = entity_service::ReadReference(entity_, request.target(), request.has_target(), "target", violations);
  std::optional<Failure> bad_token;
  if (!request.session_token().empty()) {
    auto point = tokens_.DecodeReadYourWrites(entity_, request.session_token());
    if (point) {
      read.not_before = *std::move(point);
    } else {
      bad_token = point.error();
    }
  }
  if (auto refused = entity_service::Collect(std::move(bad_token), std::move(violations)))
    return call.Finish(std::unexpected(*refused));
  store_.Retrieve(read, [this, call, answer, key = read.key](Result<std::optional<StoredRecord>> record) {
    if (!record) return call.Finish(std::unexpected(record.error()));
    if (!*record) return call.Finish(std::unexpected(entity_service::NotFound(entity_, key)));
    const auto message = std::make_shared<const std::string>(std::move((*record)->bytes));
    queue_.RunCheck(message->size(), call.context().deadline, [call, answer, message](Result<void> go) {
      if (!go) return call.Finish(std::unexpected(go.error()));
      v1::CustomerJourney journey;
      journey.ParseFromString(*message);
      call.Finish(answer(journey));
    });
  });
}

}  // namespace journeyfeed::customer_journey
