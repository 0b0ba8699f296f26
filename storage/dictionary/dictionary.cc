#include "storage/dictionary/dictionary.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>

#include "storage/dictionary/entity_check.h"
#include "storage/dictionary/entity_reader.h"

namespace journeyfeed::dictionary {
namespace {

namespace proto = google::protobuf;

std::atomic<bool> g_loaded = false;

// What DictionaryProblems should have told.
[[noreturn]] void End(const std::vector<std::string>& problems) {
  for (const std::string& problem : problems) std::fprintf(stderr, "data dictionary: %s\n", problem.c_str());
  std::abort();
}

std::vector<Registration>& Registered() {
  static auto* entities = new std::vector<Registration>(OwnEntities());
  return *entities;
}

struct Dictionary {
  std::vector<Entity> entities;
  std::vector<const Entity*> by_id;
};

const Dictionary& Loaded() {
  static const Dictionary* dictionary = [] {
    if (!DictionaryProblems().empty()) End(DictionaryProblems());
    auto* loaded = new Dictionary;
    for (const Registration& entity : Registered()) loaded->entities.push_back(ReadEntity(entity.record));
    for (const Entity& entity : loaded->entities) loaded->by_id.push_back(&entity);
    std::ranges::sort(loaded->by_id, {}, &Entity::id);
    return loaded;
  }();
  return *dictionary;
}

}  // namespace

void Register(const Registration& entity) {
  if (g_loaded) End({entity.record->full_name() + ": was registered after the first use"});
  Registered().push_back(entity);
}

const std::vector<std::string>& DictionaryProblems() {
  static const auto* problems = [] {
    g_loaded = true;
    return new std::vector<std::string>(FindProblems(Registered()));
  }();
  return *problems;
}

const Option* Column::FindOption(std::int32_t value) const {
  const auto found = std::ranges::find(options, value, &Option::value);
  return found == options.end() ? nullptr : &*found;
}

const Column* Entity::FindByRole(entity::v1::ColumnRole role) const {
  const int index = by_role[static_cast<std::size_t>(role)];
  return index < 0 ? nullptr : &columns[static_cast<std::size_t>(index)];
}

std::unique_ptr<proto::Message> Entity::NewRecord() const {
  return std::unique_ptr<proto::Message>(proto::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
}

const Column* Entity::Find(std::string_view name) const {
  const auto found = std::ranges::find_if(
      columns, [&](const Column& column) { return column.name == name || column.logical_name == name; });
  return found == columns.end() ? nullptr : &*found;
}

const Column* Entity::FindByAnyName(std::string_view name) const {
  constexpr std::string_view kSuffix = "_value";
  if (const Column* column = Find(name)) return column;
  if (!name.starts_with('_') || !name.ends_with(kSuffix) || name.size() <= 1 + kSuffix.size()) return nullptr;
  const std::string_view inner = name.substr(1, name.size() - 1 - kSuffix.size());
  const Column* column = Find(inner);
  const bool lookup = column && (column->type == ColumnType::kLookup || column->type == ColumnType::kOwner);
  return lookup && column->logical_name == inner ? column : nullptr;
}

const Column* Entity::FindByType(ColumnType type) const {
  const auto found = std::ranges::find(columns, type, &Column::type);
  return found == columns.end() ? nullptr : &*found;
}

const Entity& Describe(const proto::Descriptor* descriptor) {
  const auto& entities = Loaded().entities;
  const auto found = std::ranges::find(entities, descriptor, &Entity::descriptor);
  if (found == entities.end()) End({descriptor->full_name() + ": is not a registered entity"});
  return *found;
}

const std::vector<const Entity*>& AllEntities() { return Loaded().by_id; }

}  // namespace journeyfeed::dictionary
