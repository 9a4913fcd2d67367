/** `audit` of the command lines: of the server's, and of `ossicle`, which has this module bundled. */
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkpointText, readCheckpoint } from '@ossicle/wire/log';
import { InputError, messageOf } from '../errors.ts';
import { readBytes, readText, writeFiles } from '../log/files.ts';
import { audit } from './audit.ts';
import { sourceAt } from './source.ts';

type Say = (text: string) => void;

export interface AuditWords {
  readonly url: string;
  readonly listeners?: string | undefined;
  /** A file that keeps what was accepted last; made where there is none. */
  readonly seen?: string | undefined;
}

/** Errors: InputError; an Error when the log fails. */
export async function runAudit({ url, listeners, seen }: AuditWords, say: Say): Promise<void> {
  const before = seen === undefined ? null : await readText(seen);
  const last = before === null ? null : readCheckpoint(before);
  if (before !== null && last === null) {
    throw new InputError(`${seen ?? ''} is no checkpoint. Name another file with --seen.`);
  }
  const { failures, checkpoint } = await audit({
    read: sourceAt(url),
    listeners: listeners === undefined ? null : await readBytes(listeners),
    seen: last,
    now: new Date(),
    say,
  });
  if (failures > 0) throw new Error(`${failures} checks failed: do not believe this log.`);
  if (seen !== undefined && checkpoint) {
    const path = resolve(seen);
    await writeFiles(dirname(path), [[path, checkpointText(checkpoint)]]);
  }
  say('All of it holds.');
}

const HELP = `ossicle audit --url URL [--listeners FILE] [--seen FILE]
  check all that a log of snapshots claims, and learn each learnt snapshot again from the published sums

  --url URL         where the log is, with a slash at its end; or a folder with the same files
  --listeners FILE  the public listeners, where the log does not serve them
  --seen FILE       keeps what was accepted; the next audit refuses a log that does not go on from there

A line for each check. Exit code 0 = all of it holds, 1 = something does not, 2 = this cannot be asked.
`;

const OPTIONS = {
  url: { type: 'string' },
  listeners: { type: 'string' },
  seen: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (cause) {
    throw new InputError(`${messageOf(cause)} See: ossicle audit --help`, { cause });
  }
}

/** `ossicle audit`: the exit code. */
export async function main(args: readonly string[], out: Say, error: Say): Promise<number> {
  try {
    const { url, help, ...files } = parse(args);
    if (help) {
      out(HELP.trimEnd());
      return 0;
    }
    if (url === undefined) throw new InputError('--url is needed. See: ossicle audit --help');
    await runAudit({ url, ...files }, out);
    return 0;
  } catch (cause) {
    error(`ossicle audit: ${messageOf(cause)}`);
    return cause instanceof InputError ? 2 : 1;
  }
}
