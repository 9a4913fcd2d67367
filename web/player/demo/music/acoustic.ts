/** Styles of wood and strings. */
import type { Stereo } from '../sound/buffer.ts';
import { brush, rim, ride, shaker } from '../sound/drums.ts';
import { reverb } from '../sound/effects.ts';
import { doubleBass, flute, piano, pluck, reed } from '../sound/instruments.ts';
import { Band, type Score } from './band.ts';
import { tune, type Rhythm } from './melody.ts';

const CALM: readonly Rhythm[] = [
  [0, 1.5, 2, 4, 6],
  [0, 2, 3, 4, 5, 6],
  [0, 3, 4, 5.5, 6],
];

/** A piano alone: broken chords below, a slow song above. */
export function solo(score: Score): Stereo {
  const band = new Band(score);
  const { random } = score;
  const figure = random.pick([
    [0, 1, 2, 1, 2, 1, 2, 1],
    [0, 1, 2, 3, 2, 3, 2, 1],
    [0, 2, 1, 2, 3, 2, 1, 2],
  ]);
  band.each(57, (_bar, beat, tones, bass) => {
    band.play('piano', piano, { beat, beats: 4, midi: bass + 12, velocity: 0.5 }, 0.8, -0.25);
    figure.forEach((which, i) => {
      const midi = tones[which % tones.length] ?? bass + 24;
      const note = { beat: beat + i / 2, beats: 1, midi, velocity: i === 0 ? 0.42 : 0.3 };
      band.play('piano', piano, note, 0.7, -0.1);
    });
  });
  const notes = tune(
    {
      key: score.key,
      chords: band.chords(),
      beatsPerBar: 4,
      rhythms: CALM,
      centre: 11,
      reach: 5,
      legato: 1,
    },
    random,
  );
  band.tune('piano', piano, notes, 1, 0.2);
  return reverb(band.bus('piano'), 2.2, 0.35);
}

/** Piano, bass and brushes; a saxophone has the tune. */
export function jazz(score: Score): Stereo {
  const band = new Band(score, { swing: 0.64 });
  const { random } = score;
  band.each(60, (bar, beat, tones, bass, next) => {
    // Walks to the next root, a tone of the chord or of the scale at a time.
    const way = next - bass;
    const line = [
      bass,
      bass + 7 - (way < 0 ? 12 : 0),
      bass + (way > 0 ? 4 : 3),
      next + (way > 0 ? -1 : 1),
    ];
    line.forEach((midi, i) =>
      band.play('bass', doubleBass, { beat: beat + i, beats: 0.9, midi, velocity: 0.75 }, 0.75),
    );
    const comping = random.pick([
      [0, 1.5],
      [1.5, 3],
      [0.5, 2.5],
      [1, 2.5],
    ]);
    for (const off of comping) {
      for (const midi of tones) {
        const note = { beat: beat + off, beats: 0.6, midi, velocity: 0.4 };
        band.play('piano', piano, note, 0.38, -0.35);
      }
    }
    for (const [off, loud] of [
      [0, 0.5],
      [1, 0.8],
      [1.5, 0.4],
      [2, 0.5],
      [3, 0.8],
      [3.5, 0.4],
    ] as const) {
      band.hit('drums', ride, beat + off, loud, 0.5, 0.4);
    }
    for (const off of [1, 3]) band.hit('drums', brush, beat + off, 0.7, 0.5, 0.2);
    if (bar % 4 === 3) band.hit('drums', rim, beat + 3.5, 0.4, 0.4, 0.1);
  });
  const notes = tune(
    {
      key: score.key,
      chords: band.chords(),
      beatsPerBar: 4,
      rhythms: [
        [0, 0.5, 1, 2.5, 4, 4.5, 5, 6],
        [0.5, 1, 1.5, 2, 3.5, 4, 6],
        [0, 1.5, 2, 2.5, 3, 4.5, 5.5, 6],
      ],
      centre: 9,
      reach: 6,
      legato: 0.85,
    },
    random,
  );
  band.tune('tune', reed, notes, 0.34, 0.1);
  const room = reverb(band.mixdown({ piano: 1, tune: 1, drums: 1 }), 1.1, 0.22);
  return band.mixdown({ room: 1, bass: 1 }, { room });
}

/** A nylon guitar on the beats in between, a bass on one and three, a flute. */
export function bossa(score: Score): Stereo {
  const band = new Band(score);
  const nylon = pluck(0.35, 0.7);
  band.each(58, (bar, beat, tones, bass) => {
    for (const [off, step] of [
      [0, 0],
      [1.5, 7],
      [2, 7],
      [3.5, 0],
    ] as const) {
      const note = { beat: beat + off, beats: 1, midi: bass + step, velocity: 0.7 };
      band.play('bass', doubleBass, note, 0.6);
    }
    const clave = bar % 2 === 0 ? [0, 1, 2.5, 3.5] : [0.5, 1.5, 3];
    for (const off of clave) {
      tones.forEach((midi, i) => {
        const note = { beat: beat + off + i * 0.02, beats: 0.7, midi, velocity: 0.5 };
        band.play('guitar', nylon, note, 0.42, -0.25);
      });
    }
    for (let i = 0; i < 8; ++i) {
      band.hit('drums', shaker, beat + i / 2, i % 2 === 0 ? 0.6 : 0.35, 0.5, 0.45);
    }
    for (const off of bar % 2 === 0 ? [0, 1.5, 3] : [1, 2.5]) {
      band.hit('drums', rim, beat + off, 0.5, 0.4, 0.2);
    }
  });
  const notes = tune(
    {
      key: score.key,
      chords: band.chords(),
      beatsPerBar: 4,
      rhythms: [
        [0.5, 1.5, 2, 3.5, 5, 6],
        [0, 1.5, 3, 3.5, 4.5, 6],
        [1, 1.5, 2.5, 4, 5.5, 6.5],
      ],
      centre: 10,
      reach: 5,
      legato: 0.95,
    },
    score.random,
  );
  band.tune('tune', flute, notes, 0.3, 0.15);
  const room = reverb(band.mixdown({ guitar: 1, tune: 1, drums: 0.8 }), 1.4, 0.25);
  return band.mixdown({ room: 1, bass: 0.9 }, { room });
}

/** A steel guitar, fingers picking; a second one sings. */
export function folk(score: Score): Stereo {
  const waltz = score.random.chance(0.4);
  const beatsPerBar = waltz ? 3 : 4;
  const band = new Band(score, { beatsPerBar });
  const steel = pluck(0.75, 1.1);
  const picking = waltz ? [0, 2, 3, 1, 3, 2] : [0, 2, 1, 3, 0, 3, 1, 2];
  band.each(57, (bar, beat, tones, bass) => {
    picking.forEach((which, i) => {
      const low = which === 0;
      const midi = low
        ? bass + 12 + (i === 0 ? 0 : 7)
        : (tones[(which - 1) % tones.length] ?? bass + 24);
      const note = { beat: beat + i / 2, beats: 1.4, midi, velocity: low ? 0.7 : 0.5 };
      band.play('guitar', steel, note, 0.6, -0.3);
    });
    if (bar >= 4) {
      for (let i = 0; i < beatsPerBar; ++i) {
        band.hit('drums', shaker, beat + i + 0.5, 0.4, 0.4, 0.4);
        if (i % 2 === 1) band.hit('drums', brush, beat + i, 0.4, 0.4, 0.1);
      }
    }
  });
  const rhythms = waltz
    ? [
        [0, 1, 2, 3, 5],
        [0, 2, 3, 4, 5],
        [0, 1.5, 2, 3, 4.5],
      ]
    : [
        [0, 1, 1.5, 2, 4, 5, 6],
        [0, 1.5, 2, 3, 4, 6],
        [0, 0.5, 1, 3, 4, 5.5],
      ];
  const notes = tune(
    {
      key: score.key,
      chords: band.chords(),
      beatsPerBar,
      rhythms,
      centre: 9,
      reach: 4,
      legato: 1,
    },
    score.random,
  );
  band.tune('tune', score.random.chance(0.5) ? flute : pluck(0.9, 1.4), notes, 0.42, 0.25);
  return reverb(band.mixdown({ guitar: 1, tune: 1, drums: 0.7 }), 1.3, 0.24);
}
