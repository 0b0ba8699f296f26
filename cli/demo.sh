#!/usr/bin/env bash
# Plays a story on a running service and tells it as it happens; ./run demo does. Fails when something does not arrive.
#   demo.sh JOURNEYCTL ADDRESS
set -euo pipefail

ctl=("$(realpath "$1")" --address "$2")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
scratch=$(mktemp -d)
watcher=
trap 'end_watch; rm -rf "$scratch"' EXIT

say() { printf '\n%s\n' "$*"; }

# The command as one would type it.
typed() {
  printf '  $ journeyctl'
  local word
  for word in "$@"; do
    if [[ $word == *' '* ]]; then printf " '%s'" "$word"; else printf ' %s' "$word"; fi
  done
  printf '\n'
}

# A command and its answer, which stays in $reply.
ctl() {
  typed "$@"
  reply=$("${ctl[@]}" "$@")
  sed 's/^/  /' <<<"$reply"
}

# A command that is to be refused, and what it says.
refused() {
  typed "$@"
  local code=0
  "${ctl[@]}" "$@" >"$scratch/said" 2>&1 || code=$?
  sed 's/^/  /' "$scratch/said"
  [ "$code" -ne 0 ] || { echo "it was not refused" >&2; exit 1; }
  printf '  (exit code %s)\n' "$code"
}

field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }

# Every change becomes a line of $scratch/changes. The place is kept in the token file, for the next watcher.
begin_watch() { # entity, column
  printf '  $ journeyctl watch %s --columns %s --token-file %s.token &\n' "$1" "$2" "$1"
  "${ctl[@]}" watch "$1" --columns "$2" --token-file "$scratch/$1.token" >"$scratch/changes" &
  watcher=$!
}

end_watch() {
  [ -n "$watcher" ] || return 0
  kill "$watcher" 2>/dev/null || true
  wait "$watcher" || true
  watcher=
}

# Shows what the watcher got of the write that was last replied to: the same record in the same version.
arrives() {
  local id version line
  id=${1:-$(field id <<<"$reply")}
  version=$(field version_number <<<"$reply")
  for _ in $(seq 150); do
    if line=$(grep -m 1 "\"id\":\"$id\".*\"version_number\":$version," "$scratch/changes"); then
      printf '  watcher: %s\n' "$line"
      return
    fi
    sleep 0.1 # between two looks; at most 15 s
  done
  echo "version $version of $id did not arrive at the watcher, which got:" >&2
  cat "$scratch/changes" >&2
  exit 1
}

say "A watcher of customer journeys waits. The journey of Dynamics' own documentation is created: a Draft, of 2019."
begin_watch journey msdyncrm_name,statuscode
ctl create journey tests/unit/dictionary/data/seed_create.json
journey=$(field id <<<"$reply")
arrives "$journey"

say "It cannot go live as it is. The service sets it Going Live, checks it, and says what it found."
refused publish "$journey"

say "Stopped, it can be edited: its dates are moved. Now it goes live; the watcher sees it."
ctl stop "$journey"
arrives "$journey"
ctl update journey "$journey" --set msdyncrm_enddatetime="$(date -u -d '+30 days' +%Y-%m-%dT%H:%M:%SZ)"
arrives "$journey"
ctl publish "$journey"
arrives "$journey"

say "The journeys that are Live, as the documentation asks for them."
ctl list journey --filter 'statuscode eq 192350001' --columns msdyncrm_name,statuscode --output table

say "Live, it cannot be deleted. It is stopped first."
refused delete journey "$journey"
ctl stop "$journey"
arrives "$journey"
ctl delete journey "$journey"
arrives "$journey"
end_watch

say "The check alone, of what the documentation checks: nothing is stored."
refused validate tests/unit/validation/data/seed_validate.json

say "A watcher of run sessions sees one created, and goes away."
begin_watch session msdynmkt_session
ctl create session --set msdynmkt_name=run --set msdynmkt_journeyrunid=42 --set msdynmkt_session=first
session=$(field id <<<"$reply")
arrives "$session"
end_watch

say "Nobody watches while the session is replaced. The next watcher goes on where the first one was: from its saved token."
ctl upsert session "$session" --set msdynmkt_name=run --set msdynmkt_journeyrunid=42 --set msdynmkt_session=second
begin_watch session msdynmkt_session
arrives "$session"
ctl delete session "$session"
arrives "$session"
end_watch

say "Done: every write arrived at its watcher."
