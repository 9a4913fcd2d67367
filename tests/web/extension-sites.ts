/** Music sites that play real sound: each page is told by a test what to play, and counts for itself what was heard. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export interface Track {
  readonly artist: string;
  readonly title: string;
  readonly album: string;
  readonly seconds: number;
}

/**
 * How a site plays. element: one <audio>, a new address for each track. loose: a `new Audio()` for each that is nowhere in the document.
 * stream: one sound without a break, only the metadata change. frame: as `element`, in a frame of the site.
 */
export type Style = 'element' | 'loose' | 'stream' | 'frame';

/** In the page, as `stage`. */
export interface Stage {
  /** Begins a track, and gives up the one before; gives what was heard of that. `rate`: so many times as fast. */
  play(track: Track, rate: number): Promise<number>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Seconds from the beginning of the track. */
  seek(to: number): Promise<void>;
  /** Resolves when the track has come to that second, or to its end. */
  until(second: number): Promise<void>;
  /** Seconds of the track that were played so far, in its own time; what was jumped over is not in it. */
  heard(): number;
}

declare global {
  var stage: Stage;
}

/** Runs in the page. */
function setStage(style: Style): void {
  const element = (): HTMLAudioElement => {
    const there = document.querySelector('audio');
    if (there) return there;
    const made = document.createElement('audio');
    document.body.append(made);
    return made;
  };
  let sound: HTMLAudioElement | null = null;
  /** Of `sound`, where the track begins and where what is heard now began; null: nothing is heard now. */
  let begin = 0;
  let from: number | null = null;
  let before = 0;
  let length = 0;
  const at = (): number => sound?.currentTime ?? 0;
  const count = (): void => {
    if (from !== null) before += at() - from;
    from = null;
  };
  const told = (event: string): Promise<void> =>
    new Promise((resolve) => sound?.addEventListener(event, () => resolve(), { once: true }));
  const start = async (): Promise<void> => {
    if (sound?.paused === false) {
      from = at();
      return;
    }
    // Where it is when it says so: a promise is told of it later, and a fast track is far away then.
    const playing = told('playing').then(() => (from = at()));
    await Promise.all([sound?.play(), playing]);
  };
  const address = (seconds: number): string => `/sound/${seconds}.wav?${Math.random()}`;
  globalThis.stage = {
    async play({ artist, title, album, seconds }, rate) {
      count();
      const heard = before;
      const isStreaming = style === 'stream' && sound !== null;
      if (!isStreaming) {
        sound?.pause();
        sound = style === 'loose' ? new Audio() : element();
        sound.src = address(style === 'stream' ? 3600 : seconds);
      }
      before = 0;
      length = seconds;
      begin = isStreaming ? at() : 0;
      navigator.mediaSession.metadata = new MediaMetadata({ artist, title, album });
      if (sound) sound.playbackRate = sound.defaultPlaybackRate = rate;
      await start();
      if (!isStreaming) from = 0;
      return heard;
    },
    async pause() {
      const paused = told('pause');
      if (sound?.paused !== false) return;
      sound.pause();
      await paused;
      count();
    },
    resume: start,
    async seek(to) {
      count();
      const there = sound;
      if (!there) return;
      const done = new Promise((resolve) =>
        there.addEventListener('seeked', resolve, { once: true }),
      );
      there.currentTime = begin + to;
      await done;
      if (!there.paused) from = begin + to;
    },
    until: (second) =>
      new Promise((resolve) => {
        const timer = setInterval(() => {
          const isOver = style === 'stream' ? at() - begin >= length : sound?.ended === true;
          if (at() - begin < second && !isOver) return;
          clearInterval(timer);
          resolve();
        }, 10);
      }),
    heard: () => before + (from === null ? 0 : at() - from),
  };
}

/** Runs in the page: everything is played by the frame in it. */
function passToFrame(): void {
  const frame = document.querySelector('iframe');
  const inner = (): Stage => {
    const { stage } = frame?.contentWindow as unknown as { readonly stage: Stage };
    return stage;
  };
  globalThis.stage = {
    play: (track, rate) => inner().play(track, rate),
    pause: () => inner().pause(),
    resume: () => inner().resume(),
    seek: (to) => inner().seek(to),
    until: (second) => inner().until(second),
    heard: () => inner().heard(),
  };
}

function pageOf(style: Style): string {
  const head = `<!doctype html><meta charset="utf-8"><title>${style}</title><link rel="icon" href="data:,">`;
  if (style === 'frame') {
    const frame = '<iframe src="/element" allow="autoplay"></iframe>';
    return `${head}${frame}<script>(${passToFrame.toString()})()</script>`;
  }
  return `${head}<body><script>(${setStage.toString()})(${JSON.stringify(style)})</script>`;
}

const RATE = 8000;
const HEADER = 44;

/** One channel of 8-bit samples: a quiet tone. Any part of it can be made on its own. */
function sound(seconds: number, from: number, to: number): Buffer {
  const data = seconds * RATE;
  const header = Buffer.alloc(HEADER);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(HEADER - 8 + data, 4);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(RATE, 24);
  header.writeUInt32LE(RATE, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36, 'latin1');
  header.writeUInt32LE(data, 40);
  const out = Buffer.alloc(to - from);
  for (let i = 0; i < out.length; ++i) {
    const at = from + i;
    out[i] =
      at < HEADER
        ? (header[at] ?? 0)
        : 128 + Math.round(40 * Math.sin((at * 2 * Math.PI * 220) / RATE));
  }
  return out;
}

function answerSound(seconds: number, request: IncomingMessage, response: ServerResponse): void {
  const size = HEADER + seconds * RATE;
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const from = Number(range?.[1] ?? 0);
  const last = range?.[2] ? Number(range[2]) : size - 1;
  // A part at a time, as a streaming site gives it.
  const to = Math.min(last + 1, size, range ? from + (1 << 20) : size);
  response.setHeader('Content-Type', 'audio/wav');
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Cache-Control', 'no-store');
  if (range) {
    response.statusCode = 206;
    response.setHeader('Content-Range', `bytes ${from}-${to - 1}/${size}`);
  }
  const body = sound(seconds, from, to);
  response.setHeader('Content-Length', body.length);
  response.end(body);
}

export interface MusicSite extends AsyncDisposable {
  /** With its port. */
  readonly origin: string;
  /** As it is turned on: browsers do not tell ports apart. */
  readonly site: string;
}

/** `more`: pages of the test's own, by their path. */
export async function serveMusic(
  host: string,
  more: Readonly<Record<string, string>> = {},
): Promise<MusicSite> {
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const wanted = /^\/sound\/(\d+)\.wav$/.exec(path);
    if (wanted) {
      answerSound(Number(wanted[1]), request, response);
      return;
    }
    const style = path.slice(1);
    const isStyle = ['element', 'loose', 'stream', 'frame'].includes(style);
    const body = more[path] ?? (isStyle ? pageOf(style as Style) : null);
    response.statusCode = body === null ? 404 : 200;
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.end(body ?? '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert(address !== null && typeof address === 'object');
  return {
    origin: `http://${host}:${address.port}`,
    site: `http://${host}`,
    [Symbol.asyncDispose]() {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
