#include "storage/postgres/sql/query_sql.h"

#include <algorithm>

#include "storage/postgres/sql/query_condition.h"
#include "storage/postgres/sql/sql_template.h"

namespace journeyfeed::postgres {
namespace {

using dictionary::Column;

// One expression that orders a page. Nulls come first ascending and last descending.
struct OrderKey {
  std::string expression;
  std::string type;
  bool descending;
  bool never_null;
};

// Columns that the schema declares not null, as far as the dictionary knows.
bool IsNeverNull(const Column& column) {
  using enum dictionary::ColumnType;
  using namespace entity::v1;
  return column.type == kState || column.type == kStatus || column.type == kOwner || column.type == kUniqueIdentifier ||
         column.role == COLUMN_ROLE_PARTITION_ID || column.role == COLUMN_ROLE_VERSION_NUMBER ||
         column.role == COLUMN_ROLE_CREATED_ON || column.role == COLUMN_ROLE_MODIFIED_ON;
}

// The requested order, completed by the key, which makes it total. The key goes in the direction of the last column, so
// that an index on (column, key) can be read in both directions.
std::vector<OrderKey> OrderOf(const Query& query) {
  std::vector<OrderKey> keys;
  const Column& id = query.entity->primary_id();
  bool has_id = false;
  for (const OrderTerm& term : query.order) {
    keys.push_back({Comparable(*term.column), SqlType(term.column->type), term.descending, IsNeverNull(*term.column)});
    has_id = has_id || term.column == &id;
  }
  const bool descending = !keys.empty() && keys.back().descending;
  if (query.entity->elastic) keys.push_back({"t.partition_key", "text", descending, true});
  if (!has_id) keys.push_back({"t.id", "uuid", descending, true});
  return keys;
}

// The record's key is never null and gets no NULLS clause, so that an index in PostgreSQL's default order of nulls
// serves as well.
std::string OrderBy(const std::vector<OrderKey>& keys, bool outside) {
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    text += i == 0 ? " order by " : ", ";
    text += outside ? "t.k" + std::to_string(i) : keys[i].expression;
    const bool tie = keys[i].expression == "t.id" || keys[i].expression == "t.partition_key";
    text += keys[i].descending ? " desc" : "";
    if (!tie) text += keys[i].descending ? " nulls last" : " nulls first";
  }
  return text;
}

// The condition that a record comes after the position.
class After {
 public:
  After(const std::vector<OrderKey>& keys, const std::vector<std::optional<std::string>>& values, Params& params)
      : keys_(keys) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const auto& value = values.at(i);
      if (value) params.AddEncoded(value);
      values_.push_back(value ? "$" + std::to_string(params.size()) + "::" + keys[i].type : std::string());
    }
  }

  std::string Text() const { return IsRowComparison() ? RowComparison() : Cascade(); }

 private:
  // Whether the rest is one range of an index: all keys in one direction, and no null beyond the position.
  bool IsRowComparison() const {
    const bool descending = keys_[0].descending;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (values_[i].empty() || keys_[i].descending != descending || (descending && !keys_[i].never_null)) return false;
    }
    return true;
  }

  std::string RowComparison() const {
    std::string left, right;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      left += (i == 0 ? "" : ", ") + keys_[i].expression;
      right += (i == 0 ? "" : ", ") + values_[i];
    }
    return "(" + left + ")" + (keys_[0].descending ? " < " : " > ") + "(" + right + ")";
  }

  // The first key differs, or it is equal and the second differs, …
  std::string Cascade() const {
    std::string text, equal;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      text += (i == 0 ? "" : " or ") + ("(" + equal + Beyond(i) + ")");
      equal +=
          (values_[i].empty() ? keys_[i].expression + " is null" : keys_[i].expression + " = " + values_[i]) + " and ";
    }
    return "(" + text + ")";
  }

  std::string Beyond(std::size_t i) const {
    const OrderKey& key = keys_[i];
    if (values_[i].empty()) return key.descending ? "false" : key.expression + " is not null";
    if (!key.descending) return key.expression + " > " + values_[i];
    return "(" + key.expression + " < " + values_[i] + (key.never_null ? ")" : " or " + key.expression + " is null)");
  }

  const std::vector<OrderKey>& keys_;
  std::vector<std::string> values_;  // parameters; empty for null
};

// " where …": the selection of the query, without the position.
std::string Selected(const Query& query, Params& params) {
  std::string text = " where " + ExpandSql(*query.entity, "{{live}}");
  if (query.partition_id) {
    params.Add(std::string_view(*query.partition_id));
    text += " and t.partition_key = $" + std::to_string(params.size()) + "::text";
  }
  if (query.filter) text += " and " + CompileCondition(*query.filter, params);
  return text;
}

std::string From(const Query& query) { return " from journeyfeed." + query.entity->table + " t"; }

std::string Bind(Params& params, std::int64_t value) {
  params.Add(value);
  return "$" + std::to_string(params.size()) + "::bigint";
}

bool IsNumber(const Column& column) {
  const std::string_view type = SqlType(column.type);
  return type == "integer" || type == "bigint";
}

std::string AggregateSql(const Aggregate& aggregate, std::size_t input) {
  const std::string argument = "(s.a" + std::to_string(input) + ")";
  switch (aggregate.function) {
    case AggregateFunction::kCount:
      return "count(*)::float8";
    case AggregateFunction::kSum:
      return "sum" + argument + "::float8";
    case AggregateFunction::kAverage:
      return "avg" + argument + "::float8";
    case AggregateFunction::kMin:
      return "min" + argument + (IsNumber(*aggregate.column) ? "::float8" : "");
    case AggregateFunction::kMax:
      return "max" + argument + (IsNumber(*aggregate.column) ? "::float8" : "");
  }
  return {};
}

}  // namespace

CompiledQuery CompilePage(const Query& query) {
  CompiledQuery compiled;
  Params& params = compiled.params;
  const std::vector<OrderKey> keys = OrderOf(query);
  std::string names, values;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string name = "k" + std::to_string(i);
    names += ", t." + name;
    values += ", " + keys[i].expression + " as " + name;
  }
  const std::string columns = Bind(params, static_cast<std::int64_t>(query.columns));
  const std::string bytes = Bind(params, query.max_bytes);
  std::string inner = "select t.*" + values + From(query) + Selected(query, params);
  if (query.after) inner += " and " + After(keys, query.after->values, params).Text();
  // A literal, unlike all other numbers: for a limit that it does not know, PostgreSQL assumes a tenth of the table,
  // and would never keep a generic plan.
  inner += OrderBy(keys, false) + " limit " + std::to_string(std::int64_t{query.page_size} + 1);
  // Large texts come as references into this part, and are read only for the records that the page has room for.
  const std::string size = RecordSize(*query.entity, query.columns);
  compiled.text = "select " + ReadNames(*query.entity) + ", t.fetched" + names + " from (select " +
                  ExpandSql(*query.entity, "{{read_columns}}") + names + ", count(*) over () as fetched, " + size +
                  " as size, sum(" + size + ") over (" + OrderBy(keys, true) + ") as bytes from (" + inner +
                  ") t, (select " + columns + " as columns) p) t where t.bytes <= " + bytes + " or t.bytes = t.size" +
                  OrderBy(keys, true);
  return compiled;
}

CompiledQuery CompileCount(const Query& query) {
  CompiledQuery compiled;
  const std::string inner = "select" + From(query) + Selected(query, compiled.params);
  compiled.text = "select count(*) from (" + inner + " limit " + Bind(compiled.params, query.count_limit + 1) + ") t";
  return compiled;
}

CompiledQuery CompileGroups(const Query& query) {
  CompiledQuery compiled;
  Params& params = compiled.params;
  const Grouping& grouping = *query.grouping;
  std::string inputs, outputs, groups, order;
  for (std::size_t i = 0; i < grouping.columns.size(); ++i) {
    const Column& column = *grouping.columns[i].column;
    const std::string name = "s.g" + std::to_string(i);
    const bool text = std::string_view(SqlType(column.type)) == "text";
    inputs += (inputs.empty() ? "" : ", ") + Plain(column) + " as g" + std::to_string(i);
    // The spelling that is first in byte order represents its group.
    outputs += ", " + (text ? "min(" + name + " collate \"C\")" : IsNumber(column) ? name + "::float8" : name);
    const std::string group = text ? Folded(name) + " collate \"C\"" : name;
    groups += (groups.empty() ? "" : ", ") + group;
    order += (order.empty() ? "" : ", ") + group + " nulls first";
  }
  for (std::size_t i = 0; i < grouping.aggregates.size(); ++i) {
    const Aggregate& aggregate = grouping.aggregates[i];
    if (aggregate.column)
      inputs += (inputs.empty() ? "" : ", ") + Plain(*aggregate.column) + " as a" + std::to_string(i);
    outputs += ", " + AggregateSql(aggregate, i);
  }
  const std::string source = "(select " + inputs + From(query) + Selected(query, params) + " limit " +
                             Bind(params, query.source_limit + 1) + ") s";
  compiled.text = "select (sum(count(*)) over ())::bigint" + outputs + " from " + source;
  if (!groups.empty()) {
    compiled.text += " group by " + groups + " order by " + order + " limit " + Bind(params, query.group_limit + 1);
  }
  return compiled;
}

}  // namespace journeyfeed::postgres
