# shellcheck shell=bash
# Debian packages that only `make test` needs. dpkg is asked every time, as for the stage `apt`.
# shellcheck source-path=SCRIPTDIR source=apt.sh
. "$here/stages/apt.sh"

ready_test() { [ -z "$(apt_missing test)" ]; }
stage_test() { install_debian test; }
