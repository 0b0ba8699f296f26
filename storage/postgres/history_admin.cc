#include "storage/postgres/history_admin.h"

#include <pqxx/pqxx>

#include "storage/dictionary/dictionary.h"
#include "storage/postgres/migrator.h"
#include "storage/postgres/owner_session.h"

namespace journeyfeed::postgres {
namespace {

namespace pb = entity::v1;

struct Refused {
  Status status;
};

void CheckServer(pqxx::work& work) {
  if (work.exec1("select pg_is_in_recovery()")[0].as<bool>()) {
    throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED,
                   .message = "the database server is in recovery: ask the one that accepts writes"}};
  }
  const auto table = work.exec1("select to_regclass('journeyfeed.schema_migration') is not null")[0].as<bool>();
  const int version =
      table ? work.exec1("select coalesce(max(version), 0) from journeyfeed.schema_migration")[0].as<int>() : 0;
  if (version != SchemaVersion()) {
    throw Refused{{.reason = pb::ERROR_REASON_NOT_SUPPORTED,
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
Result<std::string> Run(const std::string& conninfo, Body body) {
  try {
    OwnerSession session(conninfo, "-c statement_timeout=30000", {});
    pqxx::work work(session.connection());
    work.exec("set local lock_timeout = '10s'");
    CheckServer(work);
    std::string text = body(work);
    work.commit();
    return text;
  } catch (const Refused& refused) {
    return std::unexpected(refused.status);
  } catch (const std::exception& error) {
    return std::unexpected(Unavailable(error.what()));
  }
}

}  // namespace

Result<std::string> DescribeHistories(const std::string& conninfo) {
  return Run(conninfo, [](pqxx::work& work) {
    const std::string name = NameOf(work);
    return "Database " + name + "\n" + Describe(work) +
           "Opening new histories ends these at their heads: tokens up to there stay good, tokens that saw more are "
           "told\n"
           "FEED_HISTORY_CHANGED, and sequence and version numbers go on far above. Nothing is deleted. To do it, "
           "repeat\n"
           "the command with the name of the database: --open-history=" +
           name + "\n";
  });
}

Result<std::string> OpenHistories(const std::string& conninfo, const std::string& database) {
  return Run(conninfo, [&database](pqxx::work& work) {
    const std::string name = NameOf(work);
    if (name != database) {
      throw Refused{{.reason = pb::ERROR_REASON_INVALID_ARGUMENT,
                     .message = "this is database " + name + ", not " + database + ": nothing was done"}};
    }
    // In the order of their ids, as everybody takes these locks.
    for (const dictionary::Entity* entity : dictionary::AllEntities()) {
      work.exec("select journeyfeed.open_history(" + std::to_string(entity->id) + "::smallint, true)");
    }
    return "Opened new histories in database " + name + "\n" + Describe(work);
  });
}

}  // namespace journeyfeed::postgres
