/** Styles of machines. */
import type { Stereo } from '../sound/buffer.ts';
import { clap, hat, kick, shaker, snare } from '../sound/drums.ts';
import { duck, pingPong, reverb, vinyl } from '../sound/effects.ts';
import { electricPiano, flute, lead, pad, piano, roundBass, stab } from '../sound/instruments.ts';
import { Band, type Score } from './band.ts';
import { tune } from './melody.ts';

/** Slow clouds of tones, with drops in between. */
export function ambient(score: Score): Stereo {
  const band = new Band(score);
  const { random } = score;
  const cloud = pad(900, 1.6);
  band.each(60, (_bar, beat, tones, bass) => {
    tones.forEach((midi, i) => {
      const note = { beat, beats: 4, midi, velocity: 0.5 };
      band.play('pad', cloud, note, 0.3, (i / Math.max(1, tones.length - 1)) * 1.4 - 0.7);
    });
    band.play('pad', pad(300, 1.2), { beat, beats: 4, midi: bass + 12, velocity: 0.7 }, 0.4);
    for (let n = 0; n < 2; ++n) {
      if (!random.chance(0.75)) continue;
      const midi = random.pick(tones) + random.pick([12, 24]);
      const note = {
        beat: beat + random.pick([0.5, 1, 1.5, 2.5, 3]),
        beats: 1.5,
        midi,
        velocity: 0.3,
      };
      band.play(
        'drops',
        random.chance(0.5) ? piano : electricPiano,
        note,
        0.35,
        random.between(-0.8, 0.8),
      );
    }
  });
  const notes = tune(
    {
      key: score.key,
      chords: band.chords(),
      beatsPerBar: 4,
      rhythms: [
        [0, 3, 4],
        [0, 2, 5],
        [1, 4, 6],
      ],
      centre: 9,
      reach: 4,
      legato: 0.95,
    },
    random,
  );
  band.tune('drops', flute, notes, 0.14, 0.1);
  const echoes = pingPong(band.bus('drops'), (60 / score.tempo) * 0.75, 0.55, 0.6);
  return reverb(band.mixdown({ pad: 1, echoes: 1 }, { echoes }), 4.5, 0.7);
}

/** Drum machine, arpeggios, and a tune to sing along. */
export function synthpop(score: Score): Stereo {
  const band = new Band(score);
  const { random } = score;
  const arp = stab(3200, 0.16);
  const pattern = random.pick([
    [0, 1, 2, 1, 0, 1, 2, 3],
    [0, 2, 1, 2, 0, 2, 1, 3],
    [0, 1, 2, 3, 2, 1, 2, 1],
  ]);
  const strings = pad(1800, 0.15);
  const beats: number[] = [];
  band.each(62, (bar, beat, tones, bass) => {
    pattern.forEach((which, i) => {
      const midi = (tones[which % tones.length] ?? bass) + (which >= tones.length ? 12 : 0) + 12;
      const note = { beat: beat + i / 2, beats: 0.4, midi, velocity: i % 4 === 0 ? 0.8 : 0.55 };
      band.play('arp', arp, note, 0.3, i % 2 === 0 ? -0.45 : 0.45);
      const octave = i % 2 === 1 ? 12 : 0;
      const low = { beat: beat + i / 2, beats: 0.42, midi: bass + octave, velocity: 0.8 };
      band.play('bass', stab(700, 0.2, 0.8), low, 0.5);
    });
    for (const [i, midi] of tones.entries()) {
      band.play(
        'pad',
        strings,
        { beat, beats: 4, midi, velocity: 0.4 },
        0.2,
        i % 2 === 0 ? -0.5 : 0.5,
      );
    }
    if (bar < 2) return;
    for (let i = 0; i < 4; ++i) {
      beats.push(band.at(beat + i));
      band.hit('drums', kick(48, 0.32), beat + i, 0.9, 0.8);
      if (i % 2 === 1) {
        band.hit('drums', snare(190, 0.26), beat + i, 0.8, 0.55);
        band.hit('drums', clap, beat + i, 0.5, 0.4, 0.1);
      }
      band.hit('drums', hat(0.05), beat + i, 0.4, 0.35, 0.3);
      band.hit('drums', hat(0.16), beat + i + 0.5, 0.55, 0.35, 0.3);
    }
  });
  const notes = tune(
    {
      key: score.key,
      chords: band.chords(),
      beatsPerBar: 4,
      rhythms: [
        [0, 0.5, 1.5, 2, 3, 4, 5.5, 6],
        [0, 1, 1.5, 2.5, 4, 4.5, 5, 6],
        [0, 1.5, 3, 4, 5.5, 7],
      ],
      centre: 9,
      reach: 5,
      legato: 0.9,
    },
    random,
  );
  band.tune('tune', lead, notes, 0.26);
  const wet = reverb(
    pingPong(band.mixdown({ arp: 1, pad: 1, tune: 1 }), (60 / score.tempo) * 0.75, 0.35, 0.3),
    1.5,
    0.25,
  );
  duck(wet, beats, 0.25, 0.18);
  return band.mixdown({ wet: 1, bass: 0.8, drums: 1 }, { wet });
}

/** Four to the floor; a riff whose filter opens and closes. */
export function techno(score: Score): Stereo {
  const band = new Band(score);
  const { random } = score;
  const riff = Array.from({ length: 16 }, () =>
    random.chance(0.55) ? random.pick([0, 0, 0, 3, 7, 10, 12]) : null,
  );
  const beats: number[] = [];
  band.each(60, (bar, beat, tones, bass) => {
    const open = 400 + 2200 * (0.5 - 0.5 * Math.cos((2 * Math.PI * bar) / score.bars));
    riff.forEach((step, i) => {
      if (step === null) return;
      const velocity = i % 4 === 2 ? 0.95 : 0.65;
      const note = { beat: beat + i / 4, beats: 0.22, midi: bass + 12 + step, velocity };
      band.play('riff', stab(open, 0.12, 0.22), note, 0.36);
    });
    const off = bar % 2 === 0 ? 1.5 : 2.75;
    for (const midi of tones) {
      const note = { beat: beat + off, beats: 0.3, midi, velocity: 0.6 };
      band.play('chord', stab(1800, 0.14), note, 0.26);
    }
    for (let i = 0; i < 4; ++i) {
      beats.push(band.at(beat + i));
      band.hit('drums', kick(46, 0.36), beat + i, 1, 0.95);
      const low = { beat: beat + i + 0.5, beats: 0.35, midi: bass, velocity: 0.75 };
      band.play('bass', roundBass, low, 0.5);
      if (bar >= 2) band.hit('drums', hat(0.14), beat + i + 0.5, 0.7, 0.4, 0.25);
      if (bar >= 4) {
        for (const quarter of [0.25, 0.75]) {
          band.hit('drums', hat(0.04), beat + i + quarter, 0.4, 0.3, -0.3);
        }
        if (i % 2 === 1) band.hit('drums', clap, beat + i, 0.7, 0.45);
      }
    }
  });
  const echoes = reverb(
    pingPong(band.mixdown({ chord: 1, riff: 0.5 }), (60 / score.tempo) * 0.75, 0.5, 0.5),
    2,
    0.3,
  );
  duck(echoes, beats, 0.5, 0.2);
  return band.mixdown({ echoes: 1, riff: 0.6, bass: 0.9, drums: 1 }, { echoes });
}

/** A slow, dusty beat under an electric piano. */
export function tripHop(score: Score): Stereo {
  const band = new Band(score, { swing: 0.58 });
  const { random } = score;
  band.each(59, (bar, beat, tones, bass) => {
    for (const off of random.pick([[0], [0, 2.5], [0, 1.5]])) {
      tones.forEach((midi, i) => {
        const note = { beat: beat + off + i * 0.015, beats: 2, midi, velocity: 0.5 };
        band.play('keys', electricPiano, note, 0.3, -0.2 + i * 0.1);
      });
    }
    for (const [off, step] of [
      [0, 0],
      [1.75, 0],
      [2.5, 7],
      [3.5, 10],
    ] as const) {
      if (off !== 0 && random.chance(0.25)) continue;
      const note = { beat: beat + off, beats: 0.8, midi: bass + step, velocity: 0.8 };
      band.play('bass', roundBass, note, 0.62);
    }
    const kicks = bar % 2 === 0 ? [0, 1.75, 2.5] : [0, 0.75, 2.5];
    for (const off of kicks) band.hit('drums', kick(52, 0.26), beat + off, 0.9, 0.75);
    for (const off of [1, 3]) band.hit('drums', snare(170, 0.3), beat + off, 0.8, 0.6);
    if (bar % 4 === 3) band.hit('drums', snare(170, 0.2), beat + 3.75, 0.4, 0.5);
    for (let i = 0; i < 8; ++i) {
      band.hit(
        'drums',
        i % 4 === 3 ? hat(0.12) : hat(0.05),
        beat + i / 2,
        i % 2 === 0 ? 0.5 : 0.35,
        0.35,
        0.3,
      );
    }
    band.hit('drums', shaker, beat + 2.25, 0.4, 0.4, -0.3);
  });
  const notes = tune(
    {
      key: score.key,
      chords: band.chords(),
      beatsPerBar: 4,
      rhythms: [
        [0.5, 1.5, 2, 4, 5.5],
        [0, 2.5, 3, 4.5, 6],
        [1, 1.5, 3, 5, 6.5],
      ],
      centre: 8,
      reach: 4,
      legato: 0.9,
    },
    random,
  );
  band.tune('tune', random.chance(0.5) ? flute : lead, notes, 0.2, 0.15);
  const wet = reverb(
    pingPong(band.mixdown({ keys: 1, tune: 1 }), (60 / score.tempo) * 0.75, 0.4, 0.35),
    1.8,
    0.3,
  );
  return vinyl(band.mixdown({ wet: 1, bass: 0.95, drums: 0.95 }, { wet }), random);
}
