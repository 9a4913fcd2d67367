#!/bin/sh
# HetRec 2011 Last.fm -> models/items/bundle, the starter catalogue, and prior.safetensors, from which it goes on learning: `make items`. About a minute, most of it for the texts.
#   OSSICLE=path/to/ossicle DATA=folder/of/the/data models/items/run.sh
# Deterministic: the same data gives the same bytes. Stopped half-way, the next run goes on where it was.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
ossicle=${OSSICLE:-$root/build/native-release/core/tools/ossicle}
data=${DATA:-$root/../shared/data/hetrec2011-lastfm-2k}

if [ ! -x "$ossicle" ]; then
  echo "items: $ossicle is missing: build it first (make items does), or set OSSICLE" >&2
  exit 2
fi
for file in user_artists.tsv artists.tsv user_taggedartists.tsv tags.tsv; do
  if [ ! -f "$data/$file" ]; then
    echo "items: $data/$file is missing. It is part of HetRec 2011 Last.fm (GroupLens); set DATA to" >&2
    echo "items: its folder. The bundle that is there already was left as it is." >&2
    exit 2
  fi
done

# Settings chosen on validation data: README.md beside this file.
"$ossicle" train \
  --ratings "$data/user_artists.tsv" --names "$data/artists.tsv" \
  --tags "$data/user_taggedartists.tsv" --tag-names "$data/tags.tsv" \
  --tags-per-item 5 --tag-min-items 5 \
  --loss weighted --factors 128 --text-encoder "$root/models/encoder/bundle" --text-ridge 10 --seed 1 \
  --name hetrec2011-starter \
  --licence "Non-commercial use only (Last.fm / GroupLens HetRec 2011); see models/items/README.md" \
  --source "HetRec 2011 Last.fm, GroupLens: 92,834 user-artist counts of 1,892 users" \
  --recipe "make items" \
  --out "$here/bundle" --resume
"$ossicle" prior --catalogue "$here/bundle" \
  --ratings "$data/user_artists.tsv" --names "$data/artists.tsv" --out "$here/prior.safetensors"
"$ossicle" inspect "$here/bundle" --items 5
