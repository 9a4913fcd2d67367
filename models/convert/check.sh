#!/bin/bash
# check.sh [FOLDER]: compares `ossicle pack` and `ossicle embed` with PyTorch on random checkpoints (check.py). Needs
# python 3.11, 2 GB of packages in FOLDER (build/convert), and the tool that `make native` builds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
root=$(cd ../.. && pwd)
work=${1:-$root/build/convert}
mkdir -p "$work"
[ -x "$work/venv/bin/python" ] || python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install -q -r requirements.txt
OSSICLE=${OSSICLE:-$root/build/native-release/core/tools/ossicle} "$work/venv/bin/python" check.py "$work"
