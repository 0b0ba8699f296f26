// Prints the names of the sessions, and ends at the newest change: consumer ADDRESS
#include <iostream>

#include "journeyfeed/client/channel.h"
#include "journeyfeed/client/feed_consumer.h"
#include "journeyfeed/client/typed.h"
#include "journeyfeed/journeyrunsession/v1/journey_run_session.pb.h"

int main(int, char** argv) {
  using namespace journeyfeed::client;
  using journeyfeed::journeyrunsession::v1::JourneyRunSession;
  FeedConsumer consumer(MakeChannel(argv[1], grpc::InsecureChannelCredentials()),
                        {.service = ServiceOf<JourneyRunSession>(), .columns = {"name"}, .follow = false});
  const auto done = consumer.Run({}, [](const Batch& batch) {
    for (const auto& change : batch.message.changes()) {
      if (const auto session = ReadRecord<JourneyRunSession>(change)) std::cout << session->name() << '\n';
    }
    return Next::kContinue;
  });
  if (!done) std::cerr << done.error().ToText() << '\n';
  return done ? 0 : 1;
}
