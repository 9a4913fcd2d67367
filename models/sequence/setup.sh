#!/bin/bash
# setup.sh: makes the training environment outside the repository. Needs python 3.11 and about 6 GB.
# Set OSSICLE_SEQUENCE_WORK to choose the folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=${OSSICLE_SEQUENCE_WORK:?set OSSICLE_SEQUENCE_WORK to a folder outside the repository}
mkdir -p "$work"
[ -x "$work/venv/bin/python" ] || python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install -q -r "$here/requirements.txt"
echo "ready: $work"
