// One measurement of run.mjs in a fresh process: argv variant, stdin the titles as JSON, stdout the result as JSON.
import { readFileSync } from 'node:fs';
import { openAndEmbed } from './measure.mjs';

const variant = process.argv.at(-1);
const titles = JSON.parse(readFileSync(0, 'utf8'));
globalThis.gc();
const bare = process.memoryUsage().rss;
const dist = new URL('../../../web/engine/dist/', import.meta.url);
let processBytes = 0;
const result = await openAndEmbed(
  async () => (await import(new URL('node.js', dist))).openEngine({ assets: new URL('assets/', dist), variant }),
  titles,
  () => {
    globalThis.gc();
    processBytes = process.memoryUsage().rss - bare;
  },
);
process.stdout.write(JSON.stringify({ ...result, processBytes }));
