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

// Everything fails with std::runtime_error. Without fsync: nothing here cuts the power. A node ends with the thread
// that started it.
class Node {
 public:
  // Fills the data directory, which does not exist yet.
  using Source = std::function<void(Node&)>;
  static Source Fresh();  // a copy of the one that all tests share, its system identifier too
  static Source Made();   // by initdb
  // pg_basebackup of a running node; with `standby` it follows that node under its own name.
  static Source BackupOf(const Node& other, bool standby, const std::string& name = "standby");
  // The files of a stopped or killed node.
  static Source CopyOf(const Node& other);

  // Not started.
  explicit Node(const Source& source, std::vector<std::string> settings = {});
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Node& Start();
  void Stop();   // orderly
  void Kill9();  // as a power cut would; nothing happens when it does not run
  bool Runs() const { return postmaster_.has_value(); }
  // Ends recovery, with pg_ctl; returns when it accepts writes.
  void Promote();
  // Of the next start.
  void Set(const std::string& setting) { settings_.push_back(setting); }

  std::filesystem::path data() const { return home_.data(); }
  std::string url(const std::string& database = "feed") const;
  std::string SocketDirectory() const { return socket_directory_.string(); }
  std::string log() const;

  // Runs one of PostgreSQL's programs as the user of the cluster; its output.
  std::string Program(const std::string& name, std::vector<std::string> arguments) const;
  // Any program, the same way.
  std::string Run(std::vector<std::string> argv) const;

 private:
  TempDir directory_;
  embedded::ClusterHome home_;
  std::filesystem::path socket_directory_;
  std::vector<std::string> settings_;
  std::optional<embedded::Process> postmaster_;
};

// Leads to whichever of the nodes accepts writes.
std::string EitherUrl(const std::vector<const Node*>& nodes);

// Makes the database `feed` on a node and migrates it.
void MakeFeed(const Node& node);

// Waits until the standby shows what the primary has.
void AwaitCaughtUp(const Node& primary, const Node& standby);

}  // namespace journeyfeed::testing
