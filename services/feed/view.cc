#include "services/feed/view.h"

#include <vector>

#include "storage/dictionary/mask.h"

namespace journeyfeed::feed {
namespace {

// By entity: the columns of the first release, whose tokens are still in use. Frozen: a new column changes nothing
// here. Entities of later releases need no number here.
std::uint64_t AllInTokens(const dictionary::Entity& entity) {
  switch (entity.id) {
    case 1:
      return 0xFFFE;  // 1 to 15
    case 2:
      return 0x3FFF'FFFF'FFFE;  // 1 to 45
    default:
      return ~std::uint64_t{0};
  }
}

// Whether `issued` stands for the columns without some optional ones: at most `most` of those from `first` on.
bool IsOfFewer(std::uint64_t columns, const std::vector<std::uint64_t>& optional, std::size_t first,
               std::uint64_t issued, const View& view, int most) {
  if (most == 0) return false;
  for (std::size_t i = first; i < optional.size(); ++i) {
    const std::uint64_t fewer = columns & ~optional[i];
    if (issued == view(fewer) || IsOfFewer(fewer, optional, i + 1, issued, view, most - 1)) return true;
  }
  return false;
}

}  // namespace

std::uint64_t InTokens(const dictionary::Entity& entity, const AskedColumns& asked) {
  return asked.all ? AllInTokens(entity) : asked.set;
}

Coverage CoverageOf(const dictionary::Entity& entity, const AskedColumns& asked, std::uint64_t issued, const View& view,
                    int most_missing) {
  const std::uint64_t every = dictionary::AllColumns(entity);
  if (issued == view(InTokens(entity, asked)) || issued == view(asked.set)) return Coverage::kWhole;
  // The request lists all columns that exist.
  if (asked.set == every && issued == view(AllInTokens(entity))) return Coverage::kWhole;
  if (!asked.all) return Coverage::kNone;
  std::vector<std::uint64_t> optional;
  for (const dictionary::Column& column : entity.columns) {
    if ((column.bit() & every & ~dictionary::AlwaysReturned(entity)) != 0) optional.push_back(column.bit());
  }
  return IsOfFewer(asked.set, optional, 0, issued, view, most_missing) ? Coverage::kPart : Coverage::kNone;
}

}  // namespace journeyfeed::feed
