/** energy(): how lively music is, told from its tags. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { placesOf } from '../src/energy.ts';
import { opened } from './built.ts';
import { rankCorrelation, withoutWasm } from './support.ts';

/** Sorted by hand. Some of the words are in the texts of the scale's ends as well. */
const CALM = `ambient, drone, calm, sleep, classical, piano, sad, folk, acoustic, singer-songwriter, bossa nova, lounge, chillout, downtempo, new age,
  ballad, romantic, lullaby, mellow, dream pop, relax, meditation, easy listening, slowcore, 钢琴, 民谣, gentle, winter, dark ambient, melancholy, rain,
  soft rock, smooth jazz`;
const LIVELY = `dance, house, techno, driving, acid, punk, metal, death metal, hardcore, drum and bass, party, electronic, rock, 摇滚, thrash metal,
  hard rock, energetic, trance, electro, punk rock, black metal, grindcore, industrial, ska, rave, gabber, metalcore, happy hardcore, breakbeat,
  garage rock, speed metal, minimal techno, dance-punk`;
const listOf = (text: string): string[] => text.split(',').map((tag) => tag.trim());

suite('energy', { skip: withoutWasm }, () => {
  test('tells lively tags from calm ones', async (t) => {
    const { library } = await opened(t);
    const tracks = [...listOf(CALM), ...listOf(LIVELY)].map((tag) => {
      return { id: tag, title: 'Untitled', artist: 'Nobody', tags: [tag] };
    });
    await library.add(tracks, { vectors: false });
    const energy = await library.energy();
    const right = listOf(CALM).flatMap((calm) =>
      listOf(LIVELY).map((lively) => (energy.get(lively) ?? 0) > (energy.get(calm) ?? 1)),
    );
    // AUC 0.988 when this was written.
    assert.ok(right.filter(Boolean).length / right.length > 0.97);
    assert.ok([...energy.values()].every((value) => value > 0 && value < 1));
  });

  test('of the catalogue reaches from 0 to 1, and a list of artists follows it', async (t) => {
    const engine = await opened(t);
    const seen: number[] = [];
    const values = await engine.energy({ onProgress: ({ done }) => seen.push(done) });
    assert.ok(values.size > 10_000, `${values.size} artists`);
    assert.ok(seen.length > 10);
    // Kept: nothing is encoded twice.
    assert.equal(await engine.energy(), values);
    for (const [target, sign] of [
      [[0, 1], 1],
      [[1, 0], -1],
    ] as const) {
      for (const adventure of [0, 0.5, 1]) {
        const list = await engine.playlist({ adventure, curve: { target, values } });
        const rho = rankCorrelation(list.map(({ artist }) => values.get(artist.id) ?? 0.5));
        assert.ok(sign * rho > 0.8, `adventure ${adventure}: ${rho}`);
      }
    }
    await assert.rejects(engine.energy({ signal: AbortSignal.abort() }), /abort/i);
  });

  test('uses the text of a track that has no tags', async (t) => {
    const { library } = await opened(t);
    await library.add([
      { id: 'calm', title: 'Lullaby for a quiet night', artist: 'Soft Piano' },
      { id: 'wild', title: 'Thrash till death', artist: 'Speed Metal Attack' },
    ]);
    const energy = await library.energy();
    assert.ok((energy.get('calm') ?? 1) < (energy.get('wild') ?? 0));
  });

  test('gives equal ones the middle of their places', () => {
    const places = placesOf(
      new Map([
        ['a', 3],
        ['b', 1],
        ['c', 3],
        ['d', 9],
      ]),
    );
    assert.deepEqual(
      ['b', 'a', 'c', 'd'].map((id) => places.get(id)),
      [0.125, 0.5, 0.5, 0.875],
    );
    assert.equal(placesOf(new Map()).size, 0);
  });
});
