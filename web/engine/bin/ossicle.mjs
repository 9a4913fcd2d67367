#!/usr/bin/env node
// The command line, in WebAssembly: the same code as the native one. `ossicle --help` tells the verbs.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const cli = new URL('../dist/cli/ossicle-cli.mjs', import.meta.url);
if (!existsSync(fileURLToPath(cli))) {
  process.stderr.write(
    'ossicle: dist/cli/ossicle-cli.mjs is missing; run `npm run build -w ossicle`\n',
  );
  process.exit(2);
}
const [verb, ...words] = process.argv.slice(2);
if (verb === 'audit') {
  // Over the network, which the core has none of.
  const { main } = await import('../dist/cli/audit.js');
  const say = (stream) => (text) => stream.write(`${text}\n`);
  process.exit(await main(words, say(process.stdout), say(process.stderr)));
}
const { default: start } = await import(cli.href);
const module = await start();
// main() returns the code; the runtime throws ExitStatus when it leaves by exit().
try {
  process.exitCode = module.callMain(process.argv.slice(2));
} catch (cause) {
  if (typeof cause?.status !== 'number') throw cause;
  process.exitCode = cause.status;
}
