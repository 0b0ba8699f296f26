// Case-folded text: the same in every database, and in the parser's sets of characters.
#include "storage/dictionary/fold.h"

#include <gmock/gmock.h>

#include "storage/postgres/schema/migrator.h"
#include "tests/query/query_database.h"

namespace journeyfeed::query_test {
namespace {

using journeyfeed::testing::TestPostgres;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kUtf8[] = "template template0 encoding 'UTF8' ";

std::string InsertOf(const std::vector<std::string>& names) {
  std::string sql =
      "insert into journeyfeed.journey_run_session (id, version_number, created_on, modified_on, created_by,"
      " modified_by, name, journey_run_id, session) values ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string id = "md5('" + std::to_string(i) + "')::uuid";
    sql += (i == 0 ? "(" : ",(") + id + ", 1, now(), now(), " + id + ", " + id + ", '" + names[i] + "', 'r', 's')";
  }
  return sql;
}

// Databases with unusual locales.
class FoldTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    postgres_ = new TestPostgres;
    postgres_->CreateDatabase("c", kUtf8 + std::string("locale 'C'"));
    postgres_->CreateDatabase("turkish", kUtf8 + std::string("locale_provider icu icu_locale 'tr' locale 'C.UTF-8'"));
    postgres_->CreateDatabase("lithuanian", kUtf8 + std::string("locale_provider icu icu_locale 'lt' locale 'C'"));
    postgres_->CreateDatabase("usual");
    for (const char* name : kDatabases) OrThrowMigrated(postgres_->url(name));
  }
  static void TearDownTestSuite() { delete postgres_; }

  static void OrThrowMigrated(const std::string& url) {
    if (auto migrated = postgres::Migrate(url, true); !migrated) throw std::runtime_error(migrated.error().message);
  }

  static constexpr const char* kDatabases[] = {"c", "turkish", "lithuanian", "usual"};
  static inline TestPostgres* postgres_ = nullptr;
};

// Every spelling finds every other one with every operator.
TEST_F(FoldTest, FindsEverySpellingInEveryLocale) {
  const std::vector<std::vector<std::string>> words = {
      {"Ärger", "ÄRGER", "ärger"},
      {"ПРИВЕТ", "привет"},
      {"Νέστορας", "ΝΈΣΤΟΡΑΣ", "νέστορασ"},
      {"Straẞe", "straße"},
      {"Title", "TITLE"},
      {"Ǆungla", "ǆungla", "ǅungla"},
      {"Ⅷ Legio", "ⅷ legio"},
      {"ſüß", "süß", "SÜß"},
      {"İstanbul", "i̇stanbul"},
      {"µ", "μ", "Μ"},
      {"ᏣᎳᎩ", "ꮳꮃꭹ"},
      {"𐐔𐐇𐐝", "𐐼𐐯𐑅"},
  };
  for (const char* name : kDatabases) {
    const QueryDatabase database{FeedDatabase(postgres_->url(name))};
    std::vector<std::string> stored;
    for (const auto& spellings : words) stored.push_back(spellings[0]);
    database.Fill("delete from journeyfeed.journey_run_session; " + InsertOf(stored));
    for (const auto& spellings : words) {
      for (const std::string& spelling : spellings) {
        for (const std::string& filter :
             {"name eq '" + spelling + "'", "name in ('x','" + spelling + "')", "startswith(name,'" + spelling + "')",
              "endswith(name,'" + spelling + "')", "contains(name,'" + spelling + "')",
              "name ge '" + spelling + "' and name le '" + spelling + "'"}) {
          EXPECT_THAT(database.ReadAll(database.Select(Sessions(), filter)), SizeIs(1)) << name << ": " << filter;
        }
      }
    }
    EXPECT_THAT(database.ReadAll(database.Select(Sessions(), "name eq 'ISTANBUL'")), IsEmpty()) << name;
  }
}

TEST_F(FoldTest, SetsOfCharactersHaveNoCaseInAnyLocale) {
  for (const char* name : kDatabases) {
    const QueryDatabase database{FeedDatabase(postgres_->url(name))};
    database.Fill("delete from journeyfeed.journey_run_session; " + InsertOf({"ÉTÉ"}));
    for (const char* pattern :
         {"[éx]", "[Éx]", "[à-þ]", "[À-Þ]", "[à-Þ]", "[É-Í]", "_[s-u]", "_[S-U]", "[^a]t", "[^ -ÿ]", "[È-Ê]T[x-é]"}) {
      const std::string filter = "startswith(name,'" + std::string(pattern) + "')";
      EXPECT_THAT(database.ReadAll(database.Select(Sessions(), filter)), SizeIs(filter.contains("[^ ") ? 0 : 1))
          << name << ": " << filter;
    }
  }
}

TEST_F(FoldTest, OrdersAndGroupsTheSameInEveryLocale) {
  for (const char* name : kDatabases) {
    const QueryDatabase database{FeedDatabase(postgres_->url(name))};
    database.Fill("delete from journeyfeed.journey_run_session; " +
                  InsertOf({"ä", "B", "Σ", "a", "İ", "ς", "Z", "Ä", "ı", "I", "σ"}));
    Query query = database.Select(Sessions(), "", "name");
    query.page_size = 2;
    std::string order;
    for (const std::string& id : database.ReadAll(query)) {
      order += database.database().Ask(
          "select journeyfeed.fold(name) from journeyfeed.journey_run_session where id = '" + id + "'");
    }
    EXPECT_EQ(order, "abii̇zääıσσσ") << name;
    std::vector<std::string> groups;
    for (const auto& group : database.Read(database.Group(Sessions(), "groupby((name))")).groups)
      groups.push_back(std::get<std::string>(group.at(0)));
    EXPECT_THAT(groups, ElementsAre("a", "B", "I", "İ", "Z", "Ä", "ı", "Σ")) << name;
  }
}

// Letters that Unicode 16 added: a database with a newer ICU folds them, and the parser does not.
constexpr char kNewerThanTheParser[] = "(c in (7305, 42955, 42956, 42970, 42972) or c between 68944 and 68965)";

// For every character: the parser folds sets like the database folds text.
TEST_F(FoldTest, TheDatabaseFoldsAsTheParser) {
  for (const char* name : kDatabases) {
    const std::string folded = testing::Query(
        postgres_->url(name),
        "select string_agg(c || '=' || ascii(f), ',' order by c) from (select c, journeyfeed.fold(chr(c)) as f"
        " from generate_series(1, 1114111) c where c not between 55296 and 57343) t where f <> chr(c) and c <> 304 and "
        "not " +
            std::string(kNewerThanTheParser));
    std::string expected;
    for (char32_t c = 1; c <= 0x10ffff; ++c) {
      if (dictionary::Fold(c) == c) continue;
      expected += (expected.empty() ? "" : ",") + std::to_string(c) + "=" + std::to_string(dictionary::Fold(c));
    }
    EXPECT_EQ(folded, expected) << name;
    EXPECT_EQ(
        testing::Query(postgres_->url(name), "select journeyfeed.fold(null) is null and journeyfeed.fold('') = ''"),
        "t");
  }
}

// A spelling folds alone as it does within a text: the three branches of the function agree.
TEST_F(FoldTest, ATextFoldsAsItsCharacters) {
  EXPECT_EQ(testing::Query(postgres_->url("usual"),
                           "select count(*) from unnest(array['ΑΣ', 'ΑΣ ſ', 'aΣ', 'ΑΣΑς µ', 'ÄS', 'A']) v where"
                           " journeyfeed.fold(v) <> (select string_agg(journeyfeed.fold(c), '' order by i)"
                           " from regexp_split_to_table(v, '') with ordinality s(c, i))"),
            "0");
}

TEST_F(FoldTest, ADatabaseWithoutTheCollationIsRefused) {
  const std::string url = postgres_->CreateDatabase("poor");
  testing::Query(url, "drop collation pg_catalog.\"und-x-icu\"");
  const auto migrated = postgres::Migrate(url, true);
  ASSERT_FALSE(migrated);
  EXPECT_EQ(migrated.error().reason, entity::v1::ERROR_REASON_NOT_SUPPORTED);
  EXPECT_THAT(migrated.error().message, HasSubstr("und-x-icu"));
}

TEST_F(FoldTest, MissingIndexesAreMadeByTheStatementsThatAreNamed) {
  const std::string url = postgres_->CreateDatabase("large");
  OrThrowMigrated(url);
  const auto missing = [&] {
    return testing::Query(url, "select string_agg(s, '; ') from journeyfeed.missing_indexes() s");
  };
  EXPECT_EQ(missing(), "");
  testing::Query(url, "drop index journeyfeed.customer_journey_name_fold");
  const std::string create = missing();
  EXPECT_EQ(create,
            "create index concurrently customer_journey_name_fold on journeyfeed.customer_journey"
            " (journeyfeed.fold(name) collate \"C\" nulls first, id)");
  testing::Query(url, create);
  EXPECT_EQ(missing(), "");
  // The state after an interrupted build.
  testing::Query(url,
                 "update pg_index set indisvalid = false where indexrelid ="
                 " 'journeyfeed.customer_journey_name_fold'::regclass");
  EXPECT_EQ(missing(), "drop index concurrently journeyfeed.customer_journey_name_fold; " + create);
}

// The most expensive patterns that are accepted: PostgreSQL compiles them.
TEST_F(FoldTest, PatternsAtTheLimitsAreAnswered) {
  const QueryDatabase database{FeedDatabase(postgres_->url("usual"))};
  const auto character = [](char32_t c) {
    return std::string{char(0xe0 | c >> 12), char(0x80 | (c >> 6 & 0x3f)), char(0x80 | (c & 0x3f))};
  };
  std::string text, sets;
  for (char32_t i = 0; i < 4999; ++i) text += character(0x4e00 + i);
  for (char32_t i = 0; i < 97; ++i) sets += "[" + character(0x4e00 + 7 * i) + "-" + character(0x5e00 + 7 * i) + "]";
  for (const std::string& pattern :
       {text, "[ab]" + text.substr(0, 3 * 3999), sets + text.substr(0, 3 * 100), "[ab]" + std::string(97, '_')}) {
    EXPECT_THAT(database.ReadAll(database.Select(Sessions(), "contains(session,'" + pattern + "')")), IsEmpty());
  }
}

}  // namespace
}  // namespace journeyfeed::query_test
