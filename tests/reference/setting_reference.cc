#include "tests/reference/setting_reference.h"

#include "services/settings_table.h"

namespace journeyfeed::reference {
namespace {

constexpr char kSettingsPage[] = R"(# Settings

Generated from `services/settings_table.cc`: change it there, then `build/bin/journeyfeed-reference settings > docs/settings.md`.

Each is a flag of `journeyfeed-server` or an environment variable; the flag wins. Durations are `250ms`, `5s`, `30m`, `1h`; sizes
`64KiB`, `16MiB`. An unknown setting, or a value outside its limits, is refused at start, all of them at once.
`journeyfeed-server --print-config` shows what is in force and where it comes from, secrets hidden.

| flag | variable | value | default | limits | what it does |
|---|---|---|---|---|---|
)";

std::string Row(const SettingRow& row) {
  const std::string limits = row.min.empty() ? "" : std::string(row.min) + " to " + std::string(row.max);
  const std::string standard = row.default_text.empty() ? "" : "`" + std::string(row.default_text) + "`";
  return "| `--" + std::string(row.flag) + "` | `" + VariableName(row.flag) + "` | " + std::string(row.placeholder) +
         " | " + standard + " | " + limits + " | " + std::string(row.help) + (row.secret ? " Secret." : "") + " |\n";
}

}  // namespace

std::string SettingReference() {
  std::string text = kSettingsPage;
  for (const SettingRow& row : SettingRows()) text += Row(row);
  return text;
}

}  // namespace journeyfeed::reference
