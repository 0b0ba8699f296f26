#include "storage/postgres/schema/history_admin.h"

#include <algorithm>
#include <pqxx/pqxx>

#include "storage/dictionary/dictionary.h"
#include "storage/postgres/connection/owner_connection.h"
#include "storage/postgres/schema/migrator.h"
#include "storage/postgres/schema/token_key_set.h"
#include "storage/postgres/sql.h"

namespace journeyfeed::postgres {
namespace {

namespace pb = entity::v1;

struct AdminRefused {
  Failure failure;
};

void CheckWritable(pqxx::work& work) {
  if (work.exec1("select pg_is_in_recovery()")[0].as<bool>()) {
    throw AdminRefused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED,
                        .message = "the database server is in recovery: ask the one that accepts writes"}};
  }
  const auto table = work.exec1("select to_regclass('journeyfeed.schema_migration') is not null")[0].as<bool>();
  const int version =
      table ? work.exec1("select coalesce(max(version), 0) from journeyfeed.schema_migration")[0].as<int>() : 0;
  if (version != SchemaVersion()) {
    throw AdminRefused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED,
                        .message = "the schema of the database is version " + std::to_string(version) +
                                   ", this server's is " + std::to_string(SchemaVersion()) +
                                   ": start a server of this version first"}};
  }
}

std::string NameOf(pqxx::work& work) { return work.exec1("select current_database()")[0].as<std::string>(); }

std::string Describe(pqxx::work& work) {
  std::string text;
  for (const dictionary::Entity* entity : dictionary::AllEntities()) {
    const auto row = work.exec1(
        "select h.incarnation, h.timeline, h.opened_at, (select greatest(max(l.seq), f.removed) from journeyfeed." +
        entity->table + "_log l) from journeyfeed.feed_history h join journeyfeed.feed_floor f using (entity)" +
        " where h.fork_seq is null and h.entity = " + std::to_string(entity->id));
    text += entity->table + ": history " + row[0].c_str() + " on timeline " + row[1].c_str() + ", opened " +
            row[2].c_str() + ", head " + row[3].c_str() + "\n";
  }
  return text;
}

template <typename Body>
Result<std::string> RunAsOwner(const std::string& conninfo, Body body) {
  try {
    OwnerConnection session(conninfo, "-c statement_timeout=30000", {});
    pqxx::work work(session.connection());
    work.exec("set local lock_timeout = '10s'");
    CheckWritable(work);
    std::string text = body(work);
    work.commit();
    return text;
  } catch (const AdminRefused& refused) {
    return std::unexpected(refused.failure);
  } catch (const std::exception& error) {
    return std::unexpected(Unavailable(error.what()));
  }
}

Failure Wrong(std::string message) {
  return {.reason = pb::ERROR_REASON_INVALID_ARGUMENT, .message = std::move(message)};
}

std::vector<TokenKey> ReadKeys(pqxx::work& work) {
  std::vector<TokenKey> keys;
  for (const auto& row : work.exec(std::string(sql::kQueriesTokenKeys.text))) {
    keys.push_back({.id = row[0].as<int>(),
                    .secret = pqxx::binarystring(row[1]).str(),
                    .age = std::chrono::milliseconds(row[2].as<std::int64_t>())});
  }
  return keys;
}

std::string UseOf(const TokenKey& key, const SigningKeys& usable) {
  if (!usable.empty() && usable.back().first == key.id) return "signs";
  if (std::ranges::none_of(usable, [&](const auto& other) { return other.first == key.id; })) return "cannot be used";
  if (key.age >= kTokenKeySettled) return "verifies";
  const auto rest = std::chrono::ceil<std::chrono::seconds>(kTokenKeySettled - key.age);
  return "verifies, signs in " + std::to_string(rest.count()) + " s";
}

std::string DescribeKeys(pqxx::work& work) {
  const std::vector<TokenKey> keys = ReadKeys(work);
  const SigningKeys usable = OrderKeys(keys);
  std::string text;
  for (const auto& row : work.exec("select key_id, created_at from journeyfeed.token_key order by key_id")) {
    const auto key = std::ranges::find(keys, row[0].as<int>(), &TokenKey::id);
    text += std::string("key ") + row[0].c_str() + ": created " + row[1].c_str() + ", " + UseOf(*key, usable) + "\n";
  }
  return text;
}

void AddKey(pqxx::work& work) {
  const auto added = work.exec(
      "insert into journeyfeed.token_key (key_id, secret)"
      " select i, decode(replace(concat(gen_random_uuid(), gen_random_uuid(), gen_random_uuid()), '-', ''), 'hex')"
      "   from generate_series(1, 255) i where i not in (select key_id from journeyfeed.token_key)"
      "  order by i <= (select max(key_id) from journeyfeed.token_key), i limit 1 returning key_id");
  if (added.empty()) throw AdminRefused{Wrong("there are 255 keys: remove one first")};
}

void RemoveKey(pqxx::work& work, const std::string& id) {
  const std::vector<TokenKey> keys = ReadKeys(work);
  const SigningKeys usable = OrderKeys(keys);
  if (!usable.empty() && std::to_string(usable.back().first) == id) {
    throw AdminRefused{Wrong("key " + id + " signs: add another one and wait until that one does")};
  }
  if (std::ranges::none_of(keys, [&](const TokenKey& key) { return std::to_string(key.id) == id; })) {
    throw AdminRefused{Wrong("there is no key " + id)};
  }
  work.exec("delete from journeyfeed.token_key where key_id = " + id);
}

}  // namespace

Result<std::string> DescribeHistories(const std::string& conninfo) {
  return RunAsOwner(conninfo, [](pqxx::work& work) {
    const std::string name = NameOf(work);
    return "Database " + name + "\n" + Describe(work) +
           "Opening new histories ends these at their heads: tokens up to there stay valid, later ones get "
           "\n"
           "FEED_HISTORY_CHANGED, and sequence and version numbers continue far above. Nothing is deleted. To do it, "
           "repeat\n"
           "the command with the name of the database: --open-history=" +
           name + "\n";
  });
}

Result<std::string> OpenHistories(const std::string& conninfo, const std::string& database) {
  return RunAsOwner(conninfo, [&database](pqxx::work& work) {
    const std::string name = NameOf(work);
    if (name != database) {
      throw AdminRefused{{.reason = pb::ERROR_REASON_INVALID_ARGUMENT,
                          .message = "this is database " + name + ", not " + database + ": nothing was done"}};
    }
    // In the order of their ids, the order in which all take these locks.
    for (const dictionary::Entity* entity : dictionary::AllEntities()) {
      work.exec("select journeyfeed.open_history(" + std::to_string(entity->id) + "::smallint, true)");
    }
    return "Opened new histories in database " + name + "\n" + Describe(work);
  });
}

Result<std::string> DescribeTokenKeys(const std::string& conninfo) {
  return RunAsOwner(conninfo, [](pqxx::work& work) { return DescribeKeys(work); });
}

Result<std::string> ChangeTokenKeys(const std::string& conninfo, const std::string& change) {
  return RunAsOwner(conninfo, [&change](pqxx::work& work) {
    constexpr std::string_view kRemove = "remove:";
    work.exec("lock table journeyfeed.token_key in share row exclusive mode");
    if (change == "add") {
      AddKey(work);
    } else if (change.starts_with(kRemove)) {
      RemoveKey(work, change.substr(kRemove.size()));
    } else {
      throw AdminRefused{Wrong("expected --token-keys, --token-keys=add or --token-keys=remove:ID")};
    }
    return DescribeKeys(work);
  });
}

}  // namespace journeyfeed::postgres
