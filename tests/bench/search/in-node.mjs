// One measurement of run.mjs in a fresh process: argv variant, stdin the library as JSON, stdout the result as JSON.
import { readFileSync } from 'node:fs';
import { buildAndType } from './measure.mjs';

const variant = process.argv.at(-1);
const library = JSON.parse(readFileSync(0, 'utf8'));
const dist = new URL('../../../web/engine/dist/', import.meta.url);
const memory = {};
const result = await buildAndType(
  async () => (await import(new URL('node.js', dist))).openEngine({ assets: new URL('assets/', dist), variant }),
  library,
  (name) => {
    globalThis.gc();
    memory[name] = process.memoryUsage().rss;
  },
);
process.stdout.write(JSON.stringify({ ...result, grownBytes: memory.words - memory.engine }));
