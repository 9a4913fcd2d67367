# shellcheck shell=bash
# Debian packages on the machine itself. There is no trusting a stamp here (the machine can change
# under us, and a kept .toolchain can meet a new machine), so dpkg is asked every time: 30 ms.

apt_packages() { # STAGE
  pins "$1" | awk '{ print $3 }'
  # The bootstrap npm may be any: Debian's own, or one that is there already.
  [ "$1" != apt ] || command -v npm >/dev/null || printf '%s\n' nodejs npm
}

apt_missing() { # STAGE
  local have
  # dpkg-query fails when it does not know a name; its answer for the others is still right.
  # shellcheck disable=SC2046
  have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $(apt_packages "$1") 2>/dev/null | sed -n 's/^installed //p' || true)
  comm -23 <(apt_packages "$1" | sort -u) <(sort -u <<<"$have")
}

ready_apt() { [ -z "$(apt_missing apt)" ]; }
stage_apt() { install_debian apt; }

install_debian() { # STAGE: what versions.lock lists under it
  local stage=$1 missing log=$TC/logs/$1-install.log asroot=()
  mapfile -t missing < <(apt_missing "$stage")
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null ||
      die "Debian packages are missing and this user cannot install them: ${missing[*]}" \
        "as root: apt-get install --no-install-recommends ${missing[*]}"
    asroot=(sudo --non-interactive)
  fi
  # unsafe-io: no fsync per file. A bare machine gets 630 packages here, 400 of them Debian's npm.
  local apt=("${asroot[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3
    -o DPkg::Options::=--force-unsafe-io)
  # An installation that was cut off leaves packages unpacked but not configured, and apt refuses to go on.
  if [ -n "$(dpkg --audit 2>/dev/null)" ]; then
    say "$stage" "finishing an interrupted installation"
    "${asroot[@]}" env DEBIAN_FRONTEND=noninteractive dpkg --configure -a >"$log" 2>&1 ||
      die "dpkg has an interrupted installation that it cannot finish" "see the log" "$log"
    mapfile -t missing < <(apt_missing "$stage")
    [ ${#missing[@]} -gt 0 ] || return 0
  fi
  say "$stage" "installing ${missing[*]}"
  # Installing from stale lists gives 404s, and the lists are a second's work.
  "${apt[@]}" update >"$log" 2>&1 ||
    die "apt-get update failed" "check the network and /etc/apt (as a user without root: sudo must not ask for a password)" "$log"
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >>"$log" 2>&1 ||
    die "apt-get could not install: ${missing[*]}" "see the log; on a machine other than Debian 12 these names may differ" "$log"
  [ -z "$(apt_missing "$stage")" ] ||
    die "still missing after apt-get install: $(apt_missing "$stage" | tr '\n' ' ')" "see the log" "$log"
}
