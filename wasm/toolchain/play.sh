#!/usr/bin/env bash
# play.sh PORT: serves the built page; with PLAY_CHECK=1 only until it answered.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../web"
port=$1
mkdir -p ../build/logs
# Vite itself rather than `npm run`, which would leave it running when it is ended.
(cd player && exec node ../node_modules/vite/bin/vite.js preview --port "$port" --strictPort) >../build/logs/play.log 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
for _ in $(seq 100); do
  if node -e "fetch('http://localhost:$port/').then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))"; then
    echo "[play] http://localhost:$port/"
    [ -n "${PLAY_CHECK-}" ] && exit 0
    echo "[play] Ctrl-C stops it"
    wait $server
    exit 0
  fi
  kill -0 $server 2>/dev/null || break
  sleep 0.1
done
cat ../build/logs/play.log >&2
echo "play: the page does not answer on port $port; is the port taken? Try: make play PORT=5174" >&2
exit 1
