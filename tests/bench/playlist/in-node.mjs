// One measurement of run.mjs in a fresh process: argv folder of assets, variant, rounds; stdout the result as JSON.
import { pathToFileURL } from 'node:url';
import { writeLists } from './measure.mjs';

const [folder, variant, rounds] = process.argv.slice(-3);
const { openEngine } = await import(new URL('../../../web/engine/dist/node.js', import.meta.url));
const open = () => openEngine({ assets: pathToFileURL(`${folder}/`), variant });
process.stdout.write(JSON.stringify(await writeLists(open, Number(rounds))));
