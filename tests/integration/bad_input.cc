#include "tests/integration/bad_input.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

namespace journeyfeed::testing {
namespace {

namespace proto = google::protobuf;

const proto::ServiceDescriptor& ServiceOf(char key) {
  const auto* file =
      key == 's' ? sessions::CreateRequest::descriptor()->file() : journeys::CreateRequest::descriptor()->file();
  return *file->service(0);
}

const proto::MethodDescriptor& MethodOf(const std::string& method) {
  const auto* found = ServiceOf(method.at(0)).FindMethodByName(method.substr(2));
  if (found == nullptr) throw std::invalid_argument("no method " + method);
  return *found;
}

}  // namespace

std::string PathOf(const std::string& method) {
  const auto& descriptor = MethodOf(method);
  return "/" + descriptor.service()->full_name() + "/" + descriptor.name();
}

std::string Encode(const std::string& method, const std::string& text) {
  const auto* prototype = proto::MessageFactory::generated_factory()->GetPrototype(MethodOf(method).input_type());
  const std::unique_ptr<proto::Message> request(prototype->New());
  ParseText(text, *request);
  return request->SerializeAsString();
}

std::vector<std::string> AllMethods() {
  std::vector<std::string> methods;
  for (const char key : {'s', 'j'}) {
    for (int i = 0; i < ServiceOf(key).method_count(); ++i)
      methods.push_back(std::string(1, key) + "." + ServiceOf(key).method(i)->name());
  }
  return methods;
}

void ExpectFullError(const Ending& ending) {
  EXPECT_EQ(ending.domain, "journeyfeed") << ending;
  EXPECT_FALSE(ending.message.empty());
  EXPECT_LE(ending.detail_bytes, 6 * 1024u);
  if (ending.violations.empty()) return;
  EXPECT_GE(std::stoul(ending.metadata.count("violations_total") ? ending.metadata.at("violations_total") : "0"),
            ending.violations.size());
}

void ExpectRefused(const std::vector<BadCase>& cases) {
  auto& service = TheService();
  const std::string before = StateOf(service.database_url);
  for (const BadCase& bad : cases) {
    SCOPED_TRACE(bad.name + " (" + bad.method + ")");
    const RawAnswer answer = CallRaw(service.server.channel(), PathOf(bad.method), Encode(bad.method, bad.request));
    EXPECT_EQ(answer.ending.code, bad.code) << answer.ending;
    EXPECT_EQ(answer.ending.reason, bad.reason) << answer.ending;
    EXPECT_TRUE(answer.responses.empty());
    ExpectFullError(answer.ending);
    if (bad.field.empty()) {
      EXPECT_TRUE(answer.ending.violations.empty()) << answer.ending;
    } else {
      EXPECT_TRUE(answer.ending.Violates(bad.field)) << answer.ending;
    }
    EXPECT_EQ(StateOf(service.database_url), before) << "something changed";
  }
}

void ExpectAccepted(const std::vector<GoodCase>& cases) {
  for (const GoodCase& good : cases) {
    SCOPED_TRACE(good.name + " (" + good.method + ")");
    const RawAnswer answer =
        CallRaw(TheService().server.channel(), PathOf(good.method), Encode(good.method, good.request));
    EXPECT_TRUE(answer.ending.ok()) << answer.ending;
    EXPECT_FALSE(answer.responses.empty());
  }
}

}  // namespace journeyfeed::testing
