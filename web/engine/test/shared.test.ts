import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Shared } from '../src/shared.ts';

/** Work that a test ends by hand, and whether it was told to stop. */
function byHand() {
  const begun: { signal: AbortSignal; end: PromiseWithResolvers<string> }[] = [];
  const begin = (signal: AbortSignal): Promise<string> => {
    const end = Promise.withResolvers<string>();
    signal.addEventListener('abort', () => end.reject(signal.reason));
    begun.push({ signal, end });
    return end.promise;
  };
  return { begun, begin };
}

describe('work that several calls wait for', () => {
  test('is begun once, and stays', async () => {
    const { begun, begin } = byHand();
    const shared = new Shared<string>();
    const both = Promise.all([shared.get(begin), shared.get(begin)]);
    begun[0]?.end.resolve('done');
    assert.deepEqual(await both, ['done', 'done']);
    assert.equal(await shared.get(begin), 'done');
    assert.equal(begun.length, 1);
  });

  test('goes on for the others when the call that began it is aborted', async () => {
    const { begun, begin } = byHand();
    const shared = new Shared<string>();
    const left = new AbortController();
    const first = shared.get(begin, left.signal);
    const second = shared.get(begin, new AbortController().signal);
    left.abort();
    await assert.rejects(first, { name: 'AbortError' });
    begun[0]?.end.resolve('done');
    assert.equal(await second, 'done');
    assert.equal(begun.length, 1);
  });

  test('is given up when all have left, and begun anew by the next', async () => {
    const { begun, begin } = byHand();
    const shared = new Shared<string>();
    const left = new AbortController();
    const calls = [shared.get(begin, left.signal), shared.get(begin, left.signal)];
    left.abort();
    for (const call of calls) await assert.rejects(call, { name: 'AbortError' });
    assert(begun[0]?.signal.aborted);
    const next = shared.get(begin);
    begun[1]?.end.resolve('done');
    assert.equal(await next, 'done');
  });

  test('that failed is begun anew; that was done outlives an abort', async () => {
    const { begun, begin } = byHand();
    const shared = new Shared<string>();
    const failing = shared.get(begin);
    begun[0]?.end.reject(new Error('no network'));
    await assert.rejects(failing, /no network/);
    const left = new AbortController();
    const good = shared.get(begin, left.signal);
    begun[1]?.end.resolve('done');
    await good;
    left.abort();
    assert.equal(await shared.get(begin), 'done');
    assert.equal(begun.length, 2);
    await assert.rejects(shared.get(begin, left.signal), { name: 'AbortError' });
  });
});
