# shellcheck shell=bash
# What every stage of setup.sh uses: paths, progress, stamps, and a private apt for pinned downloads.
# A stage file defines `stage_<name>` (do the work), `ready_<name>` (is the result there at all), and
# may define `inputs_<name>` (print whatever else, besides its pins and script, its result depends on).

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
TC=${OSSICLE_TOOLCHAIN_DIR:-$ROOT/.toolchain}
mkdir -p "$TC"
TC=$(cd "$TC" && pwd)
LOCK_FILE=$HERE/versions.lock
APT_ROOT=$TC/apt
# shellcheck disable=SC2034  # read by setup.sh
work_was_done=

say() { printf '[%4ds] %-10s %s\n' "$SECONDS" "$1" "$2"; }

# die WHAT REMEDY [LOGFILE]: every failure says what to do about it.
die() {
  {
    printf '\nsetup: %s\n' "$1"
    printf '   do: %s\n' "$2"
    if [ -n "${3-}" ] && [ -s "$3" ]; then
      printf '  log: %s, which ends with\n' "$3"
      tail -n 15 "$3" | sed 's/^/       | /'
    fi
  } >&2
  exit 1
}

# The pins of one stage: "kind suite package version check", comments and spacing removed.
pins() { awk -v s="$1" '$1 == s { print $2, $3, $4, $5, $6 }' "$LOCK_FILE"; }

# This file is left out on purpose: it says how to report and to download, not what results.
stage_hash() {
  {
    pins "$1"
    cat "$HERE/stages/$1.sh"
    # Scripts and rpaths inside .toolchain hold absolute paths, so a moved folder is a new one.
    echo "$TC"
    if declare -F "inputs_$1" >/dev/null; then "inputs_$1"; fi
  } | sha256sum | cut -c1-16
}

run_stage() {
  local stage=$1 force=$2 hash stamp=$TC/stamps/$1
  hash=$(stage_hash "$stage")
  if [ "$force" = 0 ] && [ -f "$stamp" ] && [ "$(<"$stamp")" = "$hash" ] && "ready_$stage"; then
    return 0
  fi
  rm -f "$stamp"
  # shellcheck disable=SC2034  # read by setup.sh
  work_was_done=1
  say "$stage" "start"
  # No stage may ask anything: there is often nobody to answer.
  "stage_$stage" </dev/null
  # The stage may have installed what its own inputs ask about (a compiler's version).
  hash=$(stage_hash "$stage")
  printf '%s' "$hash" >"$stamp"
  say "$stage" "done"
}

check_sha256() { # FILE EXPECTED
  local got
  got=$(sha256sum "$1" | cut -d' ' -f1)
  [ "$got" = "$2" ] && return 0
  rm -f "$1"
  die "$(basename "$1") has SHA-256 $got, but versions.lock says $2" \
    "run setup.sh again (a broken download); if it repeats, the mirror serves other bytes: compare with Debian's signed index before you change the lock"
}

# The address of a Debian mirror, as this machine is set up: deb822 first, one-line format second.
debian_mirror() {
  local f uri
  for f in /etc/apt/sources.list.d/*.sources; do
    [ -f "$f" ] || continue
    uri=$(awk 'tolower($1) == "uris:" { for (i = 2; i <= NF; i++) if ($i !~ /security/) { print $i; exit } }' "$f")
    # Other vendors' files have no bookworm suite.
    if [ -n "$uri" ] && grep -qiE '^Suites:.*bookworm' "$f"; then
      echo "$uri"
      return 0
    fi
  done
  for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -f "$f" ] || continue
    uri=$(sed -nE 's/^deb +(\[[^]]*\] +)?([^ ]+) +bookworm(\/| ).*/\2/p' "$f" | grep -v security | head -n1 || true)
    if [ -n "$uri" ]; then
      echo "$uri"
      return 0
    fi
  done
  return 1
}

# apt with its own sources and lists: the machine's package sources stay as they are, and what is
# downloaded here is never installed.
private_apt() {
  apt-get -q -o Dir::Etc::sourcelist="$APT_ROOT/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null \
    -o Dir::State::lists="$APT_ROOT/lists" -o Dir::State::status="$APT_ROOT/status" \
    -o Dir::Cache="$APT_ROOT/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=3 \
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false \
    -o Acquire::IndexTargets::deb::DEP-11-icons-small::DefaultEnabled=false \
    -o Acquire::IndexTargets::deb::DEP-11-icons::DefaultEnabled=false \
    -o Acquire::IndexTargets::deb-src::DEP-11::DefaultEnabled=false "$@" </dev/null
}

private_apt_update() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg mirror log=$TC/logs/apt-update.log
  # Good for a day: a second stage of the same run must not fetch the lists again.
  if [ -f "$APT_ROOT/updated" ] && [ -n "$(find "$APT_ROOT/updated" -mmin -1440)" ]; then return 0; fi
  mirror=$(debian_mirror) ||
    die "no Debian 12 mirror found in /etc/apt" "this setup needs Debian 12 (bookworm) with its package sources in /etc/apt/sources.list(.d)"
  [ -f "$keyring" ] || die "$keyring is missing" "apt-get install debian-archive-keyring"
  rm -rf "$APT_ROOT"
  mkdir -p "$APT_ROOT"/{lists/partial,cache/archives/partial}
  : >"$APT_ROOT/status"
  printf 'deb [signed-by=%s] %s trixie main\ndeb-src [signed-by=%s] %s trixie main\ndeb-src [signed-by=%s] %s bookworm main\n' \
    "$keyring" "$mirror" "$keyring" "$mirror" "$keyring" "$mirror" >"$APT_ROOT/sources.list"
  say apt "reading the package lists of bookworm and trixie"
  private_apt update >"$log" 2>&1 ||
    die "the mirror's package lists could not be read" "check the network and that the mirror carries the suite trixie" "$log"
  touch "$APT_ROOT/updated"
}

# fetch_pinned STAGE KIND FOLDER: downloads what versions.lock pins and checks it.
fetch_pinned() {
  local stage=$1 kind=$2 folder=$3 k suite package version check log file
  mkdir -p "$folder"
  while read -r k suite package version check; do
    [ "$k" = "$kind" ] || continue
    log=$TC/logs/fetch-$package.log
    say "$stage" "fetching $package $version"
    case "$kind" in
      deb | run)
        if ! (cd "$folder" && private_apt download "$package=$version") >"$log" 2>&1; then
          [ "$kind" = run ] || fetch_failed "$package" "$version" "$suite" "$log"
          (cd "$folder" && private_apt download "$package") >"$log" 2>&1 ||
            fetch_failed "$package" "any version" "$suite" "$log"
          say "$stage" "note: $package $version has left the mirror; took $(cd "$folder" && echo "$package"_*.deb), signed by Debian"
          continue
        fi
        file=$(echo "$folder/$package"_*.deb)
        ;;
      src)
        (cd "$folder" && private_apt source --only-source --tar-only --download-only "$package=$version") >"$log" 2>&1 ||
          fetch_failed "$package" "$version" "$suite" "$log"
        file=$(echo "$folder/$package"_*.orig.tar.*)
        ;;
    esac
    check_sha256 "$file" "$check"
  done < <(pins "$stage")
}

fetch_failed() {
  local now
  now=$(apt-cache -o Dir::State::lists="$APT_ROOT/lists" -o Dir::Etc::sourcelist="$APT_ROOT/sources.list" \
    -o Dir::Etc::sourceparts=/dev/null -o Dir::State::status="$APT_ROOT/status" madison "$1" 2>/dev/null |
    awk -F'|' '{ gsub(/ /, "", $2); print $2 }' | sort -u | tr '\n' ' ')
  die "the mirror did not give $1 $2 ($3)" \
    "it lists: ${now:-nothing of that name}. If another version is listed, try it, then pin it with its SHA-256 in wasm/toolchain/versions.lock; if the pinned one is listed, run setup.sh again" "$4"
}

# .toolchain/env.sh: sourced by the Makefile's recipes, tests/run.sh and people.
write_env_file() {
  local em=$TC/emscripten/root/usr/share/emscripten new
  new=$(
    cat <<ENV
# Written by wasm/toolchain/setup.sh; source it in bash or sh.
export OSSICLE_TOOLCHAIN_DIR='$TC'
case ":\$PATH:" in
  *":$TC/node/bin:"*) ;;
  *) export PATH="$TC/node/bin:$em:\$PATH" ;;
esac
export CC=clang-19 CXX=clang++-19
export EM_CONFIG='$TC/emscripten/emscripten.config'
export EM_TOOLCHAIN='$em/cmake/Modules/Platform/Emscripten.cmake'
export EM_SYSROOT='$em/cache/sysroot'
# The system's python starts in half the time of a version manager's shim, and emcc is mostly start-up.
export EMSDK_PYTHON=/usr/bin/python3
ENV
  )
  [ -f "$TC/env.sh" ] && [ "$(<"$TC/env.sh")" = "$new" ] && return 0
  printf '%s\n' "$new" >"$TC/env.sh"
}
