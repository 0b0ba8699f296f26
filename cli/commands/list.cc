#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "cli/client/pages.h"
#include "cli/commands/options.h"
#include "cli/input/file_io.h"
#include "cli/output/error_text.h"
#include "cli/output/number_text.h"
#include "cli/output/record_table.h"

namespace journeyfeed::cli {
namespace {

// A table is for reading; --limit shows more.
constexpr std::int64_t kTableRows = 100;

struct ListArguments {
  std::string entity;
  std::string filter;
  std::vector<std::string> columns;
  std::string order_by;
  std::string apply;
  bool count = false;
  std::optional<std::int64_t> limit;
  std::optional<std::string> partition;
  std::string session_token;
  bool whole_ids = false;
};

QueryRequest MakeRequest(const ListArguments& arguments) {
  return {.filter = arguments.filter,
          .columns = MaskOf(arguments.columns),
          .order_by = arguments.order_by,
          .apply = arguments.apply,
          .partition_id = arguments.partition,
          .session_token = arguments.session_token};
}

Outcome<void> PrintCount(QueryRequest request, EntityClient& client, const Options& options, Format format, Io& io) {
  request.count = true;
  Pages pages(client, options.connection, std::move(request), 1);
  const auto page = pages.Next();
  if (!page) return std::unexpected(page.error());
  const bool more = page->total_record_count_limit_exceeded;
  LineOutput out(io.output);
  if (format == Format::kTable) return out.Write((more ? "more than " : "") + Grouped(page->total_record_count));
  return out.Write("{\"total_record_count\":" + std::to_string(page->total_record_count) +
                   ",\"total_record_count_limit_exceeded\":" + (more ? "true}" : "false}"));
}

Outcome<void> PrintAggregates(QueryRequest request, EntityClient& client, const Options& options, Format format,
                              Io& io) {
  Pages pages(client, options.connection, std::move(request));
  const auto page = pages.Next();
  if (!page) return std::unexpected(page.error());
  LineOutput out(io.output);
  if (format == Format::kTable) {
    const Table table = AggregateTable(client.entity(), page->aggregates);
    return table.columns.empty() ? Outcome<void>() : out.Write(LayOut(table, static_cast<std::size_t>(io.columns)));
  }
  google::protobuf::util::JsonPrintOptions json;
  json.add_whitespace = options.output.pretty;
  for (const google::protobuf::Struct& row : page->aggregates) {
    std::string text;
    if (const auto made = google::protobuf::util::MessageToJsonString(row, &text, json); !made.ok()) {
      return std::unexpected(UsageFailure("the answer cannot be written as JSON"));
    }
    if (auto written = out.Write(text); !written) return written;
  }
  return {};
}

Outcome<void> PrintLines(Pages& pages, EntityClient& client, const Options& options, Io& io) {
  LineOutput out(io.output);
  OutputOptions output = options.output;
  output.format = Format::kJson;
  while (pages.HasNext()) {
    const auto page = pages.Next();
    if (!page) return std::unexpected(page.error());
    for (const auto& record : page->records) {
      if (auto written = out.Write(RecordText(client.entity(), *record, output)); !written) return written;
    }
  }
  return {};
}

Outcome<void> PrintTable(Pages& pages, const std::vector<const dictionary::Column*>& columns,
                         const RecordTableStyle& style, EntityClient& client, Io& io) {
  std::vector<std::unique_ptr<google::protobuf::Message>> records;
  while (pages.HasNext()) {
    auto page = pages.Next();
    if (!page) return std::unexpected(page.error());
    std::ranges::move(page->records, std::back_inserter(records));
  }
  if (records.empty()) {
    *io.errors << "no records" << std::endl;
    return {};
  }
  const Table table = RecordTable(client.entity(), columns, records, style);
  auto written = LineOutput(io.output).Write(LayOut(table, static_cast<std::size_t>(io.columns)));
  if (written && pages.cut_off()) {
    *io.errors << "the first " << Grouped(static_cast<std::int64_t>(records.size()))
               << " records; --limit shows more, --count how many there are" << std::endl;
  }
  return written;
}

Outcome<void> RunList(const ListArguments& arguments, EntityClient& client, const Options& options, Io& io) {
  if (auto checked = CheckPartition(client.entity(), arguments.partition); !checked) return checked;
  const Format format = options.FormatFor(io);
  QueryRequest request = MakeRequest(arguments);
  if (!arguments.apply.empty()) return PrintAggregates(std::move(request), client, options, format, io);
  if (arguments.count) return PrintCount(std::move(request), client, options, format, io);
  if (format == Format::kJson) {
    Pages pages(client, options.connection, std::move(request), arguments.limit);
    return PrintLines(pages, client, options, io);
  }
  auto columns = FindColumns(client.entity(), arguments.columns);
  if (arguments.columns.empty()) {
    columns = UsualColumns(client.entity());
    for (const dictionary::Column* column : columns) request.columns.add_paths(column->name);
  }
  Pages pages(client, options.connection, std::move(request), arguments.limit.value_or(kTableRows));
  return PrintTable(pages, columns, {.whole_ids = arguments.whole_ids, .leave_out_empty = arguments.columns.empty()},
                    client, io);
}

}  // namespace

void AddList(Command& app, Action& action) {
  auto [command, arguments] = AddCommand<ListArguments>(
      app, action, "list", "Print records: a table on a terminal, else a JSON line each", RunList);
  AddFilter(command, arguments.filter);
  AddColumns(command, arguments.columns);
  command.AddOption("--order-by", arguments.order_by, "OData $orderby: 'modifiedon desc, msdyncrm_name'")
      .TypeName("COLUMNS");
  command.AddOption("--apply", arguments.apply, "OData $apply: groupby((statuscode),aggregate($count as n))")
      .TypeName("AGGREGATION");
  const CommandOption count = command.AddFlag("--count", arguments.count, "Print only how many there are, up to 5,000");
  command.AddOption("--limit", arguments.limit, "Most records; without it 100 in a table, all of them as JSON")
      .Positive()
      .Excludes(count);
  AddPartition(command, arguments.partition);
  command.AddOption("--session-token", arguments.session_token, "Of an earlier write: see that write");
  command.AddFlag("--full-ids", arguments.whole_ids, "Ids as a whole in the table");
}

}  // namespace journeyfeed::cli
