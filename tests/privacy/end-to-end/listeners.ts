/** Real listeners of HetRec 2011 Last.fm, dealt to three parts that never meet: those that the first catalogue is trained on, those that contribute, and those that nobody learns from. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { seeded } from '../../web/exports.ts';

export interface Listener {
  readonly user: string;
  /** Names. */
  readonly artists: readonly string[];
}

/** What is asked of a listener that nobody learnt from: to find `hidden` from `known`. */
export interface Question {
  readonly known: readonly string[];
  readonly hidden: readonly string[];
}

export interface Dealt {
  /** user, artist's name, plays: the ratings of the first part. */
  readonly training: string;
  /** The same of the last part, for the gates of `learn`. */
  readonly publicListeners: string;
  readonly contributors: readonly Listener[];
  readonly questions: readonly Question[];
}

export interface Parts {
  readonly training: number;
  readonly contributors: number;
  readonly questions: number;
  readonly gate: number;
}

const DATA = new URL('../../../../shared/data/hetrec2011-lastfm-2k/', import.meta.url);

function rows(name: string): readonly (readonly string[])[] {
  const [, ...lines] = readFileSync(new URL(name, DATA), 'utf8').trimEnd().split(/\r?\n/);
  return lines.map((line) => line.split('\t'));
}

function shuffled<T>(all: readonly T[], random: () => number): T[] {
  const mixed = [...all];
  for (let i = mixed.length - 1; i > 0; --i) {
    const j = Math.floor(random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j] as T, mixed[i] as T];
  }
  return mixed;
}

/** Writes two tables into `folder`. One seed, one deal. Errors: the data set is not there, or too small. */
export function deal(folder: string, parts: Parts, seed: number): Dealt {
  const names = new Map(rows('artists.tsv').map(([id = '', name = '']) => [id, name]));
  const heard = new Map<string, { readonly artist: string; readonly plays: string }[]>();
  for (const [user = '', id = '', plays = ''] of rows('user_artists.tsv')) {
    const known = heard.get(user) ?? [];
    known.push({ artist: names.get(id) ?? id, plays });
    heard.set(user, known);
  }
  const random = seeded(seed);
  // Of fewer artists nothing can be hidden and found.
  const known = [...heard].filter(([, all]) => all.length >= 5).map(([user]) => user);
  const users = shuffled(known, random);
  const wanted = parts.training + parts.contributors + parts.questions + parts.gate;
  if (users.length < wanted) throw new Error(`There are ${users.length} listeners, not ${wanted}.`);
  const take = (n: number): readonly string[] => users.splice(0, n);
  const artistsOf = (user: string): readonly string[] =>
    (heard.get(user) ?? []).map(({ artist }) => artist);
  const table = (name: string, of: readonly string[]): string => {
    const path = join(folder, name);
    const lines = of.flatMap((user) =>
      (heard.get(user) ?? []).map(({ artist, plays }) => `${user}\t${artist}\t${plays}`),
    );
    writeFileSync(path, ['user\tartist\tplays', ...lines, ''].join('\n'));
    return path;
  };
  const training = table('training.tsv', take(parts.training));
  const contributors = take(parts.contributors).map((user) => ({ user, artists: artistsOf(user) }));
  const questions = take(parts.questions).map((user) => {
    const mixed = shuffled(artistsOf(user), random);
    const hidden = mixed.splice(0, Math.ceil(mixed.length / 5));
    return { known: mixed, hidden };
  });
  return {
    training,
    publicListeners: table('public.tsv', take(parts.gate)),
    contributors,
    questions,
  };
}
