/** One aggregator as a program of its own, to be killed. Argument: a file of JSON (ChildConfig). Says "ready" when it answers. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fastify from 'fastify';
import { KEY_TYPES, readVerifier, verifierOf } from '@ossicle/wire/log';
import { readSums } from '@ossicle/wire/report';
import { AggregatorA } from '../src/aggregate/aggregator-a.ts';
import { AggregatorB } from '../src/aggregate/aggregator-b.ts';
import type { AggregatorOptions, Publication } from '../src/aggregate/aggregator.ts';
import { aggregatorRoutes, askOverHttp } from '../src/aggregate/routes.ts';

export interface ChildConfig {
  readonly role: 'a' | 'b';
  readonly folder: string;
  readonly port: number;
  readonly urlB: string;
  readonly token: string;
  readonly hpke: { readonly publicKey: string; readonly privateKey: string };
  /** PKCS #8 and raw, in base64. */
  readonly signer: { readonly privateKey: string; readonly publicKey: string };
  readonly publishers: readonly string[];
  readonly entry: string;
  /** Its clock says this. */
  readonly now: string;
}

const bytesOf = (base64: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(Buffer.from(base64, 'base64'));

async function optionsOf(config: ChildConfig): Promise<AggregatorOptions> {
  const { role, folder, hpke, signer, publishers, token, now } = config;
  const secret = bytesOf(signer.privateKey);
  return {
    database: join(folder, `${role}.sqlite`),
    key: { publicKey: hpke.publicKey, privateKey: bytesOf(hpke.privateKey) },
    signer: {
      verifier: await verifierOf(`operator-${role}`, KEY_TYPES.ed25519, bytesOf(signer.publicKey)),
      privateKey: await crypto.subtle.importKey('pkcs8', secret, 'Ed25519', false, ['sign']),
    },
    publishers: await Promise.all(publishers.map(readVerifier)),
    // So that the sums can be compared to the number; that noise is added once is tested elsewhere.
    noise: (n) => new Int32Array(n),
    now: () => new Date(now),
    token,
  };
}

function keepIn(folder: string): (one: Publication) => Promise<void> {
  return ({ blob, entry }) => {
    const sums = readSums(entry.slice(0, entry.indexOf('\n\n') + 1));
    const path = join(folder, `published-${sums?.role}-${sums?.block}.json`);
    const text = JSON.stringify({ sums, blob: Buffer.from(blob).toString('base64') });
    writeFileSync(`${path}.new`, text);
    renameSync(`${path}.new`, path);
    return Promise.resolve();
  };
}

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as ChildConfig;
const options = await optionsOf(config);
const ask = askOverHttp(config.urlB, config.token);
const aggregator =
  config.role === 'a'
    ? await AggregatorA.start({ ...options, ask })
    : await AggregatorB.start(options);
await aggregator.addRound(config.entry);
const server = fastify({ forceCloseConnections: true });
await server.register(aggregatorRoutes(aggregator), { prefix: '/sync' });
await server.listen({ port: config.port, host: '127.0.0.1' });
process.stdout.write('ready\n');
const hand = keepIn(config.folder);
const { signal } = new AbortController();
if (aggregator instanceof AggregatorA) await aggregator.run(10, hand, () => null, signal);
else setInterval(() => void aggregator.publish(hand), 10);
