/**
 * Made-up listening for timing: node synthetic.mjs USERS ITEMS PAIRS OUT.tsv
 * Writes about PAIRS rows "user, item, plays". Items are played by Zipf's law (exponent 0.8); how much a user plays is log-normal; every user
 * has one of 50 tastes, a different order of the same items, for three quarters of what they play. The same arguments give the same bytes.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const [users, items, pairs, out] = [...process.argv.slice(2, 5).map(Number), process.argv[5]];
if (!(users > 0 && items > 1 && pairs > 0) || out === undefined) {
  console.error('synthetic: node synthetic.mjs USERS ITEMS PAIRS OUT.tsv');
  process.exit(2);
}

let state = 0x9e3779b9;
function uniform() {
  // mulberry32: enough for data that only keeps a processor busy.
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

const cumulative = new Float64Array(items);
for (let i = 0, sum = 0; i < items; ++i) cumulative[i] = sum += (i + 1) ** -0.8;
function drawItem() {
  const at = uniform() * cumulative[items - 1];
  let low = 0;
  let high = items - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

const file = openSync(out, 'w');
let rows = 0;
let text = 'user\titem\tplays\n';
for (let user = 0; user < users; ++user) {
  const normal = Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const mean = (pairs - rows) / (users - user);
  const wanted = Math.max(1, Math.min(items / 4, Math.round(mean * Math.exp(0.6 * normal - 0.18))));
  const shift = (user % 50) * Math.floor(items / 50);
  const own = new Set();
  while (own.size < wanted) {
    const item = drawItem();
    own.add(uniform() < 0.75 ? (item + shift) % items : item);
  }
  for (const item of own)
    text += `u${user}\ti${item}\t${1 + Math.floor(-40 * Math.log(1 - uniform()))}\n`;
  rows += own.size;
  if (text.length > 1 << 22 || user === users - 1) {
    writeSync(file, text);
    text = '';
  }
}
closeSync(file);
console.log(`${out}: ${rows} pairs of ${users} users and ${items} items`);
