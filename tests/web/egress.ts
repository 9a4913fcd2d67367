/** Everything that leaves a browser, byte for byte: a proxy that writes it down and passes it on to this machine only. */
import assert from 'node:assert/strict';
import { createServer, request, type IncomingMessage } from 'node:http';
import { freePort } from './site.ts';

/** One request as it left the browser. */
export interface Sent {
  /** "GET http://localhost:1/path" or, for what would have been encrypted, "CONNECT host:port". */
  readonly line: string;
  /** Name and value of every header, and the body. */
  readonly bytes: Buffer;
  /** It was for another machine than this. */
  readonly isRefused: boolean;
}

export interface Egress extends AsyncDisposable {
  /** Chromium's arguments that send everything, loopback included, this way. */
  readonly flags: readonly string[];
  readonly sent: readonly Sent[];
}

const LOOPBACK = /^(localhost|127\.0\.0\.1)(:\d+)?$/;

async function bodyOf(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

export async function recordEgress(): Promise<Egress> {
  const sent: Sent[] = [];
  const note = (
    { method = '', url = '', rawHeaders }: IncomingMessage,
    body: Buffer,
    isRefused: boolean,
  ): void => {
    const head = Buffer.from(`${url}\n${rawHeaders.join('\n')}\n`);
    sent.push({ line: `${method} ${url}`, bytes: Buffer.concat([head, body]), isRefused });
  };
  const proxy = createServer((incoming, outgoing) => {
    void bodyOf(incoming).then((body) => {
      const { url = '', method, headers } = incoming;
      const target = URL.canParse(url) ? new URL(url) : null;
      const isHere = target !== null && LOOPBACK.test(target.host);
      note(incoming, body, !isHere);
      if (!isHere) {
        outgoing.destroy();
        return;
      }
      const passed = request(target, { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      // As if nobody were there: a server that is gone must look gone.
      passed.on('error', () => outgoing.destroy());
      outgoing.on('close', () => passed.destroy());
      passed.end(body);
    });
  });
  proxy.on('connect', (incoming: IncomingMessage, socket) => {
    note(incoming, Buffer.alloc(0), true);
    socket.destroy();
  });
  const port = await freePort();
  await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve));
  return {
    // Chromium goes around a proxy for loopback addresses unless it is told not to.
    flags: [`--proxy-server=http://127.0.0.1:${port}`, '--proxy-bypass-list=<-loopback>'],
    sent,
    [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      return new Promise<void>((resolve) => proxy.close(() => resolve()));
    },
  };
}

/** Text as it would be found in bytes that left, or in files: plain, in addresses, in UTF-16, in base64 at each of its three places, in hexadecimal. */
export function spellings(word: string): readonly Buffer[] {
  const utf8 = Buffer.from(word);
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), utf8]).toString('base64');
    // Without the letters that neighbours have a part in.
    return text.slice(before === 0 ? 0 : before + 1, -4).replace(/=+$/, '');
  });
  const words = [word, encodeURIComponent(word), utf8.toString('hex'), ...base64];
  assert(
    words.every((each) => each.length > 6),
    `${word} is too short to look for`,
  );
  return [...words.map((each) => Buffer.from(each)), Buffer.from(word, 'utf16le')];
}

/** Which of `words` are in `bytes`, in whatever spelling. */
export function wordsIn(bytes: Buffer, words: readonly string[]): readonly string[] {
  return words.filter((word) => spellings(word).some((spelling) => bytes.includes(spelling)));
}
