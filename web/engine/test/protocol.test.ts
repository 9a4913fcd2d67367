import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { WorkerPort } from '../src/client.ts';
import { OssicleError } from '../src/errors.ts';
import { TrapError, type Port } from '../src/protocol.ts';
import { serve } from '../src/worker.ts';
import { FakeCore, idOf } from './fake-core.ts';
import { named, ossicleError } from './support.ts';

interface Pair {
  readonly client: WorkerPort;
  readonly progress: unknown[];
  readonly terminated: () => boolean;
}

/** A client and a worker that talk through a real channel, with structured clones. */
function pair(t: { after: (end: () => void) => void }, port: Port): Pair {
  const channel = new MessageChannel();
  channel.port1.start();
  channel.port2.start();
  const progress: unknown[] = [];
  let ended = false;
  serve(channel.port2, (onProgress) => {
    onProgress({ loadedBytes: 1, totalBytes: 2 });
    return port;
  });
  const client = new WorkerPort(
    channel.port1,
    () => (ended = true),
    (each) => progress.push(each),
  );
  t.after(() => channel.port1.close());
  return { client, progress, terminated: () => ended };
}

/** Never answers by itself; says whether it was told to stop. */
function silent(): Port & { aborted: Promise<void> } {
  const told = Promise.withResolvers<undefined>();
  return {
    aborted: told.promise,
    call: (_name, _args, signal) => {
      signal?.addEventListener('abort', () => told.resolve(undefined));
      return new Promise(() => undefined);
    },
    close: () => undefined,
  };
}

function failing(cause: unknown): Port {
  return {
    call: () => Promise.reject(cause),
    close: () => undefined,
  };
}

suite('the worker protocol', () => {
  test('an answer finds the call it belongs to', async (t) => {
    const { client } = pair(t, new FakeCore());
    await client.call('open', { assets: 'file:///' });
    const names = ['Portishead', 'Radiohead', 'Björk'];
    const ids = await Promise.all(names.map((artist) => client.call('identify', { artist })));
    assert.deepEqual(ids, names.map(idOf));
  });

  test('progress reaches the page', async (t) => {
    const { client, progress } = pair(t, new FakeCore());
    await client.call('open', { assets: 'file:///' });
    assert.deepEqual(progress, [{ loadedBytes: 1, totalBytes: 2 }]);
  });

  test('an error crosses with its code, place and message', async (t) => {
    const cause = new OssicleError('checksum_mismatch', 'other bytes', 'catalogue/a.safetensors');
    const { client } = pair(t, failing(cause));
    await assert.rejects(client.call('counts', null), (error) => {
      assert.ok(error instanceof OssicleError);
      assert.equal(error.code, 'checksum_mismatch');
      assert.equal(error.at, 'catalogue/a.safetensors');
      assert.equal(error.message, 'other bytes');
      return true;
    });
  });

  test('an error that nobody foresaw crosses as a bug', async (t) => {
    const { client } = pair(t, failing(new TypeError('x is not a function')));
    await assert.rejects(client.call('counts', null), ossicleError('internal', /not a function/));
  });

  test('an abort rejects at once with AbortError and reaches the worker', async (t) => {
    const port = silent();
    const { client } = pair(t, port);
    const controller = new AbortController();
    const call = client.call('open', { assets: 'file:///' }, controller.signal);
    controller.abort();
    await assert.rejects(call, named('AbortError'));
    await port.aborted;
  });

  test('a signal that is already aborted asks the worker nothing', async (t) => {
    const { client } = pair(t, silent());
    const call = client.call('counts', null, AbortSignal.abort());
    await assert.rejects(call, named('AbortError'));
  });

  test('a trap ends the worker, and every call with it', async (t) => {
    const { client, terminated } = pair(t, new FakeCore({ traps: (name) => name === 'counts' }));
    await client.call('open', { assets: 'file:///' });
    await assert.rejects(client.call('counts', null), TrapError);
    assert.equal(terminated(), true);
    await assert.rejects(client.call('identify', { artist: 'Björk' }), TrapError);
  });

  test('closing rejects the calls that wait', async (t) => {
    const { client, terminated } = pair(t, silent());
    const call = client.call('counts', null);
    client.close();
    await assert.rejects(call, ossicleError('closed'));
    assert.equal(terminated(), true);
  });
});
