#!/bin/sh
# The figures of README.md: how the settings were chosen (validation part), and what they give (test part). About 2 minutes.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
ossicle=${OSSICLE:-$root/build/native-release/core/tools/ossicle}
ratings=${DATA:-$root/../shared/data/hetrec2011-lastfm-2k}/user_artists.tsv
seeds=1,2,3,4,5

for choice in "" "--biases" "--confidence log" "--biases --confidence log"; do
  echo "validation: ${choice:-plain}"
  # shellcheck disable=SC2086
  "$ossicle" eval --ratings "$ratings" --seeds $seeds --part validation $choice 2>/dev/null
done
for choice in "" "--biases"; do
  echo "test: ${choice:-plain}"
  # shellcheck disable=SC2086
  "$ossicle" eval --ratings "$ratings" --seeds $seeds $choice 2>/dev/null
done
echo "test, own data never in training"
"$ossicle" eval --ratings "$ratings" --protocol own-data-out --seeds $seeds 2>/dev/null
