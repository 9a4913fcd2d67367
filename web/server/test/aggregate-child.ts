/** One node of an aggregator as a program of its own, to be killed. Argument: a file of JSON (ChildConfig). Says "ready" when it answers. */
import { randomInt } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fastify from 'fastify';
import { KEY_TYPES, readVerifier, verifierOf } from '@ossicle/wire/log';
import { readSums } from '@ossicle/wire/report';
import { AggregatorA } from '../src/aggregate/aggregator-a.ts';
import { AggregatorB } from '../src/aggregate/aggregator-b.ts';
import { every, type AggregatorOptions, type Publication } from '../src/aggregate/aggregator.ts';
import { askOverHttp, routesOfA, routesOfB } from '../src/aggregate/routes.ts';
import { publishedPath, type ChildConfig } from './aggregate-child-config.ts';

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(base64, 'base64'));

async function optionsOf(config: ChildConfig): Promise<AggregatorOptions> {
  const { role, database, hpke, signer, publishers, now } = config;
  const secret = bytesOf(signer.privateKey);
  return {
    database,
    key: { publicKey: hpke.publicKey, privateKey: bytesOf(hpke.privateKey) },
    signer: {
      verifier: await verifierOf(`operator-${role}`, KEY_TYPES.ed25519, bytesOf(signer.publicKey)),
      privateKey: await crypto.subtle.importKey('pkcs8', secret, 'Ed25519', false, ['sign']),
    },
    publishers: await Promise.all(publishers.map(readVerifier)),
    // So that the sums can be compared to the number; that noise is added once is tested elsewhere.
    noise: (n) => new Int32Array(n),
    now: () => new Date(now),
  };
}

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
const options = await optionsOf(config);
const peers = { signer: options.signer, peer: await readVerifier(config.peer) };
const { urlsB } = config;
const ask = askOverHttp(() => urlsB[randomInt(urlsB.length)] ?? '', peers);
const aggregator =
  config.role === 'a'
    ? await AggregatorA.start({ ...options, ask })
    : await AggregatorB.start(options);
await aggregator.addRound(config.entry);
const server = fastify({ forceCloseConnections: true });
const routes =
  aggregator instanceof AggregatorA ? routesOfA(aggregator) : routesOfB(aggregator, peers);
await server.register(routes, { prefix: '/sync' });
await server.listen({ port: config.port, host: '127.0.0.1' });
process.stdout.write('ready\n');
const hand = keepIn(config.folder);
const { signal } = new AbortController();
if (aggregator instanceof AggregatorA) await aggregator.run(10, hand, () => null, signal);
else {
  const publish = (): Promise<number> => aggregator.publish(hand);
  await every(10, publish, () => null, signal);
}
