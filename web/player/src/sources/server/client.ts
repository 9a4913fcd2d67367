/** The calls of a Subsonic or OpenSubsonic server that the library needs. */
import * as v from 'valibot';
import type { Lyrics } from '../../library/types.ts';
import { lyricsOf } from '../folder/lyrics.ts';
import { SourceError, type SourceErrorCode } from '../types.ts';
import * as answers from './answers.ts';
import { RELAY_HEADER } from './relay.ts';

export type Params = Readonly<Record<string, string | number>>;
/** Asks for one method. In the page: the relay. */
export type Transport = (method: string, params: Params, signal: AbortSignal) => Promise<Response>;

/** An answer of many entries, with those that could not be used. */
export interface Songs {
  readonly songs: readonly answers.Song[];
  readonly bad: readonly { readonly what: string; readonly reason: string }[];
  /** As many as the server sent, good and bad. */
  readonly sent: number;
}

/** By the error codes of the Subsonic API. */
const FAILURES: Readonly<Record<number, readonly [SourceErrorCode, string]>> = {
  10: ['token_refused', 'it does not know logins that keep the password to themselves'],
  20: ['bad_answer', 'it wants a newer player'],
  30: ['bad_answer', 'it is too old for this player (Subsonic API 1.16 is needed)'],
  40: ['wrong_password', 'name or password is wrong'],
  41: [
    'token_refused',
    'this account (LDAP) cannot use logins that keep the password to themselves',
  ],
  42: ['token_refused', 'it does not take this kind of login'],
  43: ['wrong_password', 'it was given two kinds of login at once'],
  44: ['wrong_password', 'the API key is wrong'],
  50: ['not_allowed', 'this account may not do that'],
  60: ['not_allowed', 'its trial period is over'],
  70: ['not_found', 'that is not there any more'],
};

export class SubsonicClient {
  readonly #ask: Transport;
  readonly #host: string;

  constructor(ask: Transport, host: string) {
    this.#ask = ask;
    this.#host = host;
  }

  /** Resolves when address and login are right. */
  async ping(signal: AbortSignal): Promise<void> {
    await this.#call('ping', {}, v.object({}), signal);
  }

  /** Names of OpenSubsonic's extensions; none where the server is plain Subsonic. */
  async extensions(signal: AbortSignal): Promise<ReadonlySet<string>> {
    try {
      const { openSubsonicExtensions: found } = await this.#call(
        'getOpenSubsonicExtensions',
        {},
        answers.extensions,
        signal,
      );
      return new Set(found.map(({ name }) => name));
    } catch (cause) {
      signal.throwIfAborted();
      // Older servers do not know the question.
      if (cause instanceof SourceError && cause.code !== 'unreachable') return new Set();
      throw cause;
    }
  }

  /** A page of all songs: an empty query finds everything on most servers. */
  async allSongs(offset: number, limit: number, signal: AbortSignal): Promise<Songs> {
    const params = {
      ...{ query: '', songCount: limit, songOffset: offset },
      ...{ artistCount: 0, albumCount: 0 },
    };
    const { searchResult3 } = await this.#call('search3', params, answers.searchResult, signal);
    return checked(searchResult3.song);
  }

  /** Ids of a page of albums, by name. */
  async albums(
    offset: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ readonly ids: readonly string[]; readonly sent: number }> {
    const params = { type: 'alphabeticalByName', size: limit, offset };
    const { albumList2 } = await this.#call('getAlbumList2', params, answers.albumList, signal);
    const ids = albumList2.album.flatMap((entry) => {
      const parsed = v.safeParse(answers.albumEntry, entry);
      return parsed.success ? [parsed.output.id] : [];
    });
    return { ids, sent: albumList2.album.length };
  }

  async album(id: string, signal: AbortSignal): Promise<Songs> {
    const { album } = await this.#call('getAlbum', { id }, answers.album, signal);
    return checked(album.song);
  }

  async lyrics(
    song: { readonly id: string; readonly artist: string; readonly title: string },
    withTimes: boolean,
    signal: AbortSignal,
  ): Promise<Lyrics | null> {
    if (!withTimes) {
      const { artist, title } = song;
      const found = await this.#call('getLyrics', { artist, title }, answers.plainLyrics, signal);
      return lyricsOf([], found.lyrics.value.split('\n'));
    }
    const { lyricsList } = await this.#call(
      'getLyricsBySongId',
      { id: song.id },
      answers.structuredLyrics,
      signal,
    );
    const all = lyricsList.structuredLyrics;
    const best = all.find(({ synced }) => synced) ?? all[0];
    if (!best) return null;
    const timed = best.line.flatMap(({ start, value }) =>
      best.synced && start !== null ? [{ atMs: start - best.offset, text: value.trim() }] : [],
    );
    return lyricsOf(
      timed,
      best.line.map(({ value }) => value),
    );
  }

  /**
   * Whether music may be had: some servers (Supysonic) let web pages list it, but do not allow them (CORS) to play it. An answer that the page may
   * not see it may not play either: its policy stands for what comes through the service worker, too.
   */
  async streams(id: string, signal: AbortSignal): Promise<boolean> {
    const response = await this.#ask('stream', { id }, signal);
    const refused = response.headers.get(RELAY_HEADER);
    await response.body?.cancel();
    return refused !== 'unreachable';
  }

  /** Only for servers that the person lets know. `at`: when the play began. */
  async scrobble(id: string, at: Date, signal: AbortSignal): Promise<void> {
    const params = { id, time: at.getTime(), submission: 'true' };
    await this.#call('scrobble', params, v.object({}), signal);
  }

  async star(id: string, starred: boolean, signal: AbortSignal): Promise<void> {
    await this.#call(starred ? 'star' : 'unstar', { id }, v.object({}), signal);
  }

  async #call<S extends v.GenericSchema>(
    method: string,
    params: Params,
    schema: S,
    signal: AbortSignal,
  ): Promise<v.InferOutput<S>> {
    const response = await this.#ask(method, params, signal);
    await requireAnswer(response, this.#host);
    let body: unknown;
    try {
      body = await response.json();
    } catch (cause) {
      signal.throwIfAborted();
      throw this.#bad(method, 'its answer is not JSON', cause);
    }
    const outer = v.safeParse(answers.envelope, body);
    if (!outer.success) throw this.#bad(method, 'its answer is not that of a Subsonic server');
    const answer = outer.output['subsonic-response'];
    if (answer.status === 'failed') throw this.#failed(method, answer.error);
    const inner = v.safeParse(schema, answer);
    if (inner.success) return inner.output;
    const [issue] = inner.issues;
    const place = v.getDotPath(issue) ?? 'the answer';
    throw this.#bad(method, `${place} is not of the right type (${issue.message})`);
  }

  #bad(method: string, why: string, cause?: unknown): SourceError {
    const message = `${this.#host} does not answer as a Subsonic server should (${method}): ${why}.`;
    return new SourceError('bad_answer', message, method, cause);
  }

  #failed(method: string, error: { code: number; message: string } | undefined): SourceError {
    const [code, why] = FAILURES[error?.code ?? 0] ?? ['server_error', 'it reports an error'];
    const said = error?.message ? ` It said: "${error.message.slice(0, 200)}"` : '';
    return new SourceError(code, `${this.#host} refused (${method}): ${why}.${said}`, method);
  }
}

/** Throws what the relay, or the server's status, says. */
async function requireAnswer(response: Response, host: string): Promise<void> {
  if (response.headers.has(RELAY_HEADER)) {
    const { code, message } = (await response.json()) as { code: SourceErrorCode; message: string };
    throw new SourceError(code, message, host);
  }
  if (response.ok) return;
  await response.body?.cancel();
  const { status } = response;
  if (status === 401 || status === 403) {
    const message = `${host} wants a login of its own before Subsonic is reached (status ${status}). Is there another login in front of it?`;
    throw new SourceError('wrong_password', message, host);
  }
  if (status === 404) {
    throw new SourceError(
      'not_found',
      `There is no Subsonic server at ${host} (status 404).`,
      host,
    );
  }
  const message = `${host} reports an error (status ${status}). Nothing is lost; try again later.`;
  throw new SourceError('server_error', message, host);
}

function checked(sent: readonly unknown[] = []): Songs {
  const songs: answers.Song[] = [];
  const bad: { what: string; reason: string }[] = [];
  sent.forEach((entry, i) => {
    const parsed = v.safeParse(answers.song, entry);
    if (parsed.success) songs.push(parsed.output);
    else {
      const { title } = (typeof entry === 'object' && entry !== null ? entry : {}) as {
        title?: unknown;
      };
      const [issue] = parsed.issues;
      const place = v.getDotPath(issue) ?? 'it';
      bad.push({
        what: typeof title === 'string' ? title : `entry ${i + 1}`,
        reason: `The server sent it in a wrong shape: ${place} (${issue.message}).`,
      });
    }
  });
  return { songs, bad, sent: sent.length };
}
