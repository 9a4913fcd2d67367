// One measurement of run.mjs in a fresh process: argv the options of openEngine as JSON, stdin the titles as JSON or nothing, to measure only the opening;
// stdout the result as JSON.
import { readFileSync } from 'node:fs';
import { openAndEmbed, openOnly } from './measure.mjs';

const options = JSON.parse(process.argv.at(-1));
const input = readFileSync(0, 'utf8');
globalThis.gc();
const bare = process.memoryUsage().rss;
const dist = new URL('../../../web/engine/dist/', import.meta.url);
const open = async () => (await import(new URL('node.js', dist))).openEngine({ assets: new URL('assets/', dist), ...options });
let result;
if (input === '') {
  result = await openOnly(open);
} else {
  let processBytes = 0;
  const texts = await openAndEmbed(open, JSON.parse(input), () => {
    globalThis.gc();
    processBytes = process.memoryUsage().rss - bare;
  });
  result = { ...texts, processBytes };
}
process.stdout.write(JSON.stringify(result));
