/** One node of an aggregator as its configuration says, ready to take what comes. */
import { randomInt } from 'node:crypto';
import fastify from 'fastify';
import { KEY_TYPES, readVerifier, verifierOf } from '@ossicle/wire/log';
import { AggregatorA } from '../src/aggregate/aggregator-a.ts';
import { AggregatorB } from '../src/aggregate/aggregator-b.ts';
import type { AggregatorOptions } from '../src/aggregate/aggregator.ts';
import { openCore } from '../src/aggregate/proofs.ts';
import { askOverHttp, routesOfA, routesOfB } from '../src/aggregate/routes.ts';
import type { ChildConfig } from './aggregate-child-config.ts';
import { noNoise } from './aggregate-kit.ts';

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
    ...(await openCore()),
    // So that the sums can be compared to the number; that noise is added once is tested elsewhere.
    noise: noNoise,
    now: () => new Date(now),
  };
}

/** It answers on its port from now on. */
export async function startNode(config: ChildConfig): Promise<AggregatorA | AggregatorB> {
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
  return aggregator;
}
