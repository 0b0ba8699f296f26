// A PostgreSQL cluster among others: fresh, a streaming standby, a base backup, or a copy of another one's files.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/embedded/cluster_home.h"
#include "storage/embedded/process.h"
#include "tests/support/files.h"

namespace journeyfeed::testing {

// All failures throw std::runtime_error. Without fsync, because no test cuts the power. A node ends with the thread
// that started it.
class Node {
 public:
  // Fills the data directory, which must not exist.
  using Source = std::function<void(Node&)>;
  static Source Fresh();  // a copy of the shared template, with its system identifier
  static Source Made();   // by initdb
  // A base backup (pg_basebackup) of a running node. With `standby` it follows that node under the given name.
  static Source BackupOf(const Node& other, bool standby, const std::string& name = "standby");
  // A copy of the files of a stopped or killed node.
  static Source CopyOf(const Node& other);

  // Does not start it.
  explicit Node(const Source& source, std::vector<std::string> settings = {});
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Node& Start();
  void Stop();  // orderly
  // Like a power cut: no process outlives another, as one does that ends its wait for a standby (docs/operations.md, "A
  // cut wait"). Does nothing if it does not run.
  void Kill9();
  bool Runs() const { return postmaster_.has_value(); }
  // Ends recovery with pg_ctl. Returns when the node accepts writes.
  void Promote();
  // For the next start.
  void Set(const std::string& setting) { settings_.push_back(setting); }

  std::filesystem::path data() const { return home_.data(); }
  std::string url(const std::string& database = "feed") const;
  std::string SocketDirectory() const { return socket_directory_.string(); }
  std::string log() const;

  // Runs one of PostgreSQL's programs as the user of the cluster. Returns its output.
  std::string Program(const std::string& name, std::vector<std::string> arguments) const;
  // Any program, the same way.
  std::string RunCommand(std::vector<std::string> argv) const;

 private:
  TempDir directory_;
  embedded::ClusterHome home_;
  std::filesystem::path socket_directory_;
  std::vector<std::string> settings_;
  std::optional<embedded::Process> postmaster_;
};

// A connection string that leads to the node that accepts writes.
std::string EitherUrl(const std::vector<const Node*>& nodes);

// Makes the database `feed` on a node and migrates it.
void MakeFeed(const Node& node);

// Waits until the standby shows the primary's state.
void AwaitCaughtUp(const Node& primary, const Node& standby);

}  // namespace journeyfeed::testing
