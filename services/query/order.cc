#include "services/query/order.h"

#include <algorithm>

#include "services/query/filter.h"
#include "services/query/literal.h"

namespace journeyfeed::query {

namespace pb = entity::v1;

Parsed<std::vector<OrderTerm>> ParseOrder(std::string_view text, const Options& options) {
  if (auto problem = LengthProblem(text, options.limits)) return std::unexpected(*problem);
  std::vector<OrderTerm> terms;
  if (text.empty()) return terms;
  Lexer lexer(text, "$orderby=");
  const auto refuse = [](const Token& at, std::string why) {
    return std::unexpected(Problem{pb::ERROR_REASON_QUERY_BUILDER_BAD_CONDITION, at.offset, std::move(why)});
  };
  do {
    const Token at = lexer.peek();
    const auto column = TakeColumn(lexer, options.entity);
    if (!column) return std::unexpected(column.error());
    if ((*column)->type == dictionary::ColumnType::kMemo) return refuse(at, "large text cannot be ordered by");
    if (std::ranges::find(terms, *column, &OrderTerm::column) != terms.end())
      return refuse(at, "the column is named twice");
    if (terms.size() == options.limits.order_columns) {
      return refuse(at, "more than " + std::to_string(options.limits.order_columns) + " columns");
    }
    const bool descending = lexer.TryWord("desc");
    if (!descending) lexer.TryWord("asc");
    terms.push_back({*column, descending});
  } while (lexer.Try(','));
  if (lexer.peek().kind != TokenKind::kEnd) return std::unexpected(lexer.Expected("asc, desc, \",\" or the end"));
  return terms;
}

}  // namespace journeyfeed::query
