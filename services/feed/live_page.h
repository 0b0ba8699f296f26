// A page of changes that many streams share: read once, filtered once per partition, serialised once per view.
#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/slice.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "services/feed/change_message.h"
#include "storage/base/mutex.h"
#include "storage/store.h"

namespace journeyfeed::feed {

// What a stream of one partition, or of all, gets of a page. Immutable but for its cache of messages; thread-safe.
class LiveSlice {
 public:
  // `page`: its changes and where they end. Their records move into the serialised form.
  LiveSlice(const dictionary::Entity& entity, ChangePage page);

  // The changes have no records; everything else is as in a page of the store.
  const ChangePage& page() const { return page_; }

  // The message for streams that say the same of it: made once per view. `facts` makes what it says.
  std::shared_ptr<const grpc::ByteBuffer> SharedMessage(std::uint64_t view,
                                                        const std::function<StreamMessageFacts()>& facts) const;
  // A message of one stream, over the same changes.
  std::shared_ptr<const grpc::ByteBuffer> OwnMessage(const StreamMessageFacts& facts) const;

 private:
  ChangePage page_;
  grpc::Slice changes_;
  mutable Mutex mutex_;
  mutable std::map<std::uint64_t, std::shared_ptr<const grpc::ByteBuffer>> messages_ JF_GUARDED_BY(mutex_);
};

// Thread-safe.
class LivePage {
 public:
  // `from`: where the page begins. `store` outlives this.
  LivePage(const Store& store, const dictionary::Entity& entity, PageEnd from, ChangePage page);

  const PageEnd& from() const { return from_; }
  const PageEnd& end() const { return page_.next; }
  std::int64_t head() const { return page_.head; }
  std::size_t bytes() const { return bytes_; }
  bool empty() const { return page_.changes.empty(); }
  bool within_call() const { return page_.within_call; }  // it begins in the middle of a call, as far as known
  bool ends_call() const { return page_.call_end; }
  // Of an elastic entity: those with a change.
  const std::unordered_set<std::string>& partitions() const { return partitions_; }

  // What follows the log row `after`, of one partition or of all. Made once for each pair. Precondition: `after` lies
  // in the page, before its end, and not in the middle of a call.
  std::shared_ptr<const LiveSlice> SliceFor(const std::optional<std::string>& partition, std::int64_t after) const;

 private:
  ChangePage Filter(const std::optional<std::string>& partition, std::int64_t after) const;

  const Store& store_;
  const dictionary::Entity& entity_;
  const PageEnd from_;
  const ChangePage page_;
  std::size_t bytes_ = 0;
  std::unordered_set<std::string> partitions_;

  using Key = std::pair<std::optional<std::string>, std::int64_t>;
  mutable Mutex mutex_;
  mutable std::map<Key, std::shared_ptr<const LiveSlice>> slices_ JF_GUARDED_BY(mutex_);
};

}  // namespace journeyfeed::feed
