/** One node of an aggregator as a program of its own, to be killed. Argument: a file of JSON (ChildConfig). Says "ready" when it answers. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSums } from '@ossicle/wire/report';
import { AggregatorA } from '../src/aggregate/aggregator-a.ts';
import { every, type Publication } from '../src/aggregate/aggregator.ts';
import { publishedPath, type ChildConfig } from './aggregate-child-config.ts';
import { startNode } from './aggregate-started.ts';

function keepIn(folder: string): (one: Publication) => Promise<void> {
  return ({ blob, entry }) => {
    const sums = readSums(entry.slice(0, entry.indexOf('\n\n') + 1));
    if (!sums) throw new Error('This is no entry of sums.');
    const path = join(folder, publishedPath(sums));
    const text = JSON.stringify({ sums, blob: Buffer.from(blob).toString('base64') });
    writeFileSync(`${path}.${process.pid}`, text);
    renameSync(`${path}.${process.pid}`, path);
    return Promise.resolve();
  };
}

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ChildConfig;
const aggregator = await startNode(config);
process.stdout.write('ready\n');
const hand = keepIn(config.folder);
const { signal } = new AbortController();
if (aggregator instanceof AggregatorA) await aggregator.run(10, hand, () => null, signal);
else {
  const publish = (): Promise<number> => aggregator.publish(hand);
  await every(10, publish, () => null, signal);
}
