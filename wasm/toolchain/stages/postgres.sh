# shellcheck shell=bash
# PostgreSQL's server programs, for the tests of several nodes: they start servers of their own in temporary folders.
# shellcheck source-path=SCRIPTDIR source=apt.sh
. "$here/stages/apt.sh"

ready_postgres() { [ -z "$(apt_missing postgres)" ]; }

# Debian makes and starts a server of the system's when it first installs the package. Nobody asked for one; where one is there, it is left alone.
stage_postgres() {
  local conf=/etc/postgresql-common/createcluster.d/ossicle.conf asroot=() rc=0
  [ -n "$(apt_missing postgres)" ] || return 0
  [ "$(id -u)" = 0 ] || asroot=(sudo --non-interactive)
  "${asroot[@]}" mkdir -p "$(dirname "$conf")" || true
  "${asroot[@]}" tee "$conf" >/dev/null <<<'create_main_cluster = false' || true
  (install_debian postgres) || rc=$?
  "${asroot[@]}" rm -f "$conf"
  return "$rc"
}
