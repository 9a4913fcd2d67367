/** The command line. Ends with 2 when what was asked for cannot be done as it is: the message says what to do. */
import { resolve } from 'node:path';
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { verifierText } from '@ossicle/wire/log';
import { ROLES, ROUND_KIND } from '@ossicle/wire/report';
import { startAggregate } from './aggregate/remote/aggregate-server.ts';
import { roundOfEntry } from './aggregate/remote/log-rounds.ts';
import {
  makeOperator,
  publicKeysOf,
  publicKeysText,
  readPublicKeys,
} from './aggregate/remote/operator-keys.ts';
import { openRound, type Elsewhere, type RoundOptions } from './aggregate/rounds.ts';
import { InputError, messageOf } from './errors.ts';
import { DataFolder } from './folder.ts';
import { HELP } from './help.ts';
import { init } from './init.ts';
import { readKey } from './keys.ts';
import { runAudit } from './learn/audit-command.ts';
import { runLearn } from './learn/learn-command.ts';
import { readText } from './log/files.ts';
import type { Published } from './log/log.ts';
import { openLog } from './open.ts';
import { finish, newestSnapshot, prepare, signDraft } from './publish.ts';
import { checkChange, roleEntry, rolesIn } from './roles.ts';
import { startServer, type TlsFiles } from './server.ts';
import { startWitness } from './witness/witness-server.ts';

/** Takes what the program says, line by line. */
type Say = (text: string) => void;

const OPTIONS = {
  data: { type: 'string', default: 'ossicle-data' },
  origin: { type: 'string', default: 'ossicle.localhost/log' },
  'fresh-seconds': { type: 'string', default: '86400' },
  witness: { type: 'string', multiple: true, default: [] },
  prepare: { type: 'boolean', default: false },
  sign: { type: 'string' },
  draft: { type: 'string' },
  finish: { type: 'boolean', default: false },
  port: { type: 'string', default: '8080' },
  host: { type: 'string', default: '127.0.0.1' },
  page: { type: 'string' },
  'tls-key': { type: 'string' },
  'tls-cert': { type: 'string' },
  rate: { type: 'string', default: '12000' },
  name: { type: 'string' },
  log: { type: 'string', multiple: true, default: [] },
  key: { type: 'string' },
  url: { type: 'string', default: 'http://localhost:8080/sync/' },
  days: { type: 'string', default: '7' },
  clip: { type: 'string', default: '1' },
  sigma: { type: 'string', default: '8' },
  'min-batch': { type: 'string', default: '1000' },
  'aggregator-a': { type: 'string' },
  'aggregator-b': { type: 'string' },
  'no-tokens': { type: 'boolean', default: false },
  invitations: { type: 'string', default: '0' },
  'tokens-per-address': { type: 'string', default: '3' },
  proxy: { type: 'string', multiple: true, default: [] },
  relay: { type: 'string', multiple: true, default: [] },
  'reports-to': { type: 'string' },
  role: { type: 'string' },
  keys: { type: 'boolean', default: false },
  peer: { type: 'string' },
  policy: { type: 'string' },
  database: { type: 'string' },
  listeners: { type: 'string' },
  prior: { type: 'string' },
  round: { type: 'string' },
  seen: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (cause) {
    throw new InputError(`${messageOf(cause)} See: main.ts help`, { cause });
  }
}

type Parsed = ReturnType<typeof parse>;
type Values = Parsed['values'];

function whole(name: string, text: string, least: number, most: number): number {
  const n = Number(text);
  if (/^\d+$/.test(text) && n >= least && n <= most) return n;
  const what = `--${name} ${JSON.stringify(text)} is no whole number`;
  throw new InputError(`${what} from ${least} to ${most}. Write one.`);
}

/** Above 0, to `most`. */
function positive(name: string, text: string, most: number): number {
  const x = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && x > 0 && x <= most) return x;
  const what = `--${name} ${JSON.stringify(text)} is no number above 0, up to ${most}.`;
  throw new InputError(`${what} Write one.`);
}

function tlsOf(values: Values): { tls?: TlsFiles } {
  const { 'tls-key': key, 'tls-cert': cert } = values;
  if (key === undefined && cert === undefined) return {};
  if (key !== undefined && cert !== undefined) return { tls: { key, cert } };
  throw new InputError('--tls-key and --tls-cert belong together. Name both.');
}

const rateOf = ({ rate }: Values): number => whole('rate', rate, 1, 1_000_000_000);
const portOf = ({ port }: Values): number => whole('port', port, 0, 65_535);

function told({ size, waiting, refusals }: Published, say: Say): void {
  for (const refusal of refusals) say(`witness ${refusal}`);
  if (waiting > 0) {
    say(`${waiting} entries are kept and wait for witnesses; \`serve\` asks them again.`);
  } else say(`The log has ${size} entries.`);
}

/** Until Ctrl-C or a polite end; requests under way are answered. */
async function untilStopped(server: AsyncDisposable): Promise<void> {
  await new Promise<void>((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
  await server[Symbol.asyncDispose]();
}

async function runInit(folder: DataFolder, { values }: Parsed, say: Say): Promise<void> {
  const { policy } = await init(folder, {
    origin: values.origin,
    freshSeconds: whole('fresh-seconds', values['fresh-seconds'], 2, 31_536_000),
    witnesses: values.witness,
    now: new Date(),
  });
  await using opened = await openLog(folder);
  say(`${folder.path}: log ${policy.log}`);
  told(await opened.log.publish(), say);
}

async function runPublish(
  folder: DataFolder,
  { values, positionals }: Parsed,
  say: Say,
): Promise<void> {
  const [bundle] = positionals;
  if (values.sign !== undefined) {
    const draft = values.draft ?? folder.draft;
    const publisher = await readKey(values.sign);
    const { text, signatures } = await signDraft(draft, `${draft}.scratch`, publisher);
    say(`${publisher.verifier.name} has signed:\n${text}`);
    say(`${signatures.length} signatures on ${draft}`);
    return;
  }
  await using opened = await openLog(folder);
  if (!values.finish) {
    if (bundle === undefined) {
      throw new InputError('Name the folder of the bundle: publish models/items/bundle');
    }
    const prepared = await prepare(opened, bundle, new Date());
    if (prepared.kind === 'unchanged') {
      const { epoch } = prepared.entry;
      say(`Epoch ${epoch} is this very bundle: nothing was changed.`);
      return;
    }
    say(`${prepared.newBlobs} new blobs, ${prepared.newBytes} bytes`);
    if (values.prepare) {
      say(`${folder.draft} is to be signed:\n${prepared.text}`);
      return;
    }
    for (const role of ['publisher-1', 'publisher-2']) {
      await signDraft(folder.draft, folder.draftScratch, await readKey(folder.key(role)));
    }
  }
  const { entry, ...published } = await finish(opened);
  say(`Epoch ${entry.epoch}: manifest ${entry.manifest}`);
  told(published, say);
}

async function runServe(folder: DataFolder, { values }: Parsed, say: Say): Promise<void> {
  const { 'reports-to': reportsTo } = values;
  const server = await startServer({
    data: folder.path,
    port: portOf(values),
    host: values.host,
    ...(values.page === undefined ? {} : { page: values.page }),
    ...tlsOf(values),
    requestsPerMinute: rateOf(values),
    tokensPerAddress: whole('tokens-per-address', values['tokens-per-address'], 1, 1_000_000),
    proxies: values.proxy,
    ...(reportsTo === undefined ? {} : { reportsTo: baseOf('reports-to', reportsTo) }),
    onNotice: say,
  });
  if (values.page !== undefined) say(`page      ${server.origin}/`);
  say(`snapshots ${server.origin}/sync/`);
  await untilStopped(server);
}

async function runWitness(folder: DataFolder, { values }: Parsed, say: Say): Promise<void> {
  const server = await startWitness({
    folder,
    name: values.name ?? 'witness.localhost',
    logs: values.log,
    port: portOf(values),
    host: values.host,
    ...tlsOf(values),
  });
  say(`key       ${server.key}\naddress   ${server.origin}`);
  if (values.log.length === 0) say('It watches no log yet: end it, and name one with --log KEY.');
  await untilStopped(server);
}

async function runRole(
  folder: DataFolder,
  { values, positionals }: Parsed,
  say: Say,
): Promise<void> {
  const [verb, role = '', key = ''] = positionals;
  if (verb !== 'grant' && verb !== 'revoke') {
    throw new InputError('Write: role grant|revoke ROLE KEY_OR_NAME');
  }
  await using opened = await openLog(folder);
  const change = verb === 'grant' ? 'granted' : 'revoked';
  const { entries } = opened.log;
  const known = await checkChange(entries, opened.keys.admin, change, role, key);
  const admin = await readKey(values.key ?? folder.key('admin'));
  if (verifierText(admin.verifier) !== opened.config.admin) {
    const what = `${admin.verifier.name} is not the admin of this log.`;
    throw new InputError(`${what} Name the admin's key file with --key.`);
  }
  const at = new Date().toISOString();
  told(await opened.log.append([await roleEntry({ change, role: known, key, at }, admin)]), say);
}

/** An address that a path can be added to. */
function baseOf(name: string, text: string): string {
  if (URL.canParse(text) && text.endsWith('/')) return text;
  const what = `--${name} ${JSON.stringify(text)} is no address that ends with a slash.`;
  throw new InputError(`${what} Write one.`);
}

/** An aggregator of another operator: "URL,KEYS". */
async function elsewhereOf(name: string, text: string): Promise<Elsewhere> {
  const comma = text.indexOf(',');
  const keys = await readPublicKeys(text.slice(comma + 1));
  if (comma > 0 && keys) return { url: baseOf(name, text.slice(0, comma)), keys };
  const what = `--${name} wants an address and the keys that \`aggregate --keys\` prints there`;
  throw new InputError(`${what}: URL,KEYS`);
}

async function aggregatorsOf(values: Values): Promise<RoundOptions['elsewhere']> {
  const { 'aggregator-a': a, 'aggregator-b': b } = values;
  if (a === undefined && b === undefined) return null;
  if (a === undefined || b === undefined) {
    const what = '--aggregator-a and --aggregator-b belong together.';
    throw new InputError(`${what} Name both, or neither for both in this program.`);
  }
  return { a: await elsewhereOf('aggregator-a', a), b: await elsewhereOf('aggregator-b', b) };
}

async function runAggregate(folder: DataFolder, { values }: Parsed, say: Say): Promise<void> {
  const role = ROLES.find((one) => one === values.role);
  if (!role) throw new InputError('Write: aggregate --role a|b. See help.');
  await folder.make();
  const operator = await makeOperator(folder, role, values.name ?? `operator-${role}.localhost`);
  if (values.keys) {
    say(publicKeysText(publicKeysOf(operator)));
    return;
  }
  const peer = await readPublicKeys(values.peer ?? '');
  const [log] = values.log;
  if (peer === null || log === undefined) {
    const what = 'Name the log’s address and the other operator’s keys';
    throw new InputError(`${what}: aggregate --role ${role} --log URL --peer KEYS`);
  }
  const policy = values.policy === undefined ? null : await readText(values.policy);
  if (values.policy !== undefined && policy === null) {
    throw new InputError(`There is no policy ${values.policy}. Copy policy.json of the log.`);
  }
  const server = await startAggregate({
    ...{ role, folder, operator, peer: peer.signer, log: baseOf('log', log), policy },
    ...{ port: portOf(values), host: values.host, ...tlsOf(values) },
    ...(values.database === undefined ? {} : { database: values.database }),
    ...{ requestsPerMinute: rateOf(values), proxies: values.proxy, relays: values.relay },
    everyMs: 1000,
    logEveryMs: 60_000,
    onNotice: say,
  });
  say(`aggregator ${role} ${server.origin}/sync/`);
  await untilStopped(server);
}

async function runRound(
  folder: DataFolder,
  { values, positionals }: Parsed,
  say: Say,
): Promise<void> {
  if (positionals[0] !== 'open') throw new InputError('Write: round open [--days N] [--url URL]');
  const invitations = whole('invitations', values.invitations, 0, 1_000_000);
  if (invitations > 0 && values['no-tokens']) {
    throw new InputError('Invitations are for tokens: leave --no-tokens or --invitations out.');
  }
  const elsewhere = await aggregatorsOf(values);
  await using opened = await openLog(folder);
  const { round, id, codes, isNewKey, ...published } = await openRound(opened, {
    ...{ url: baseOf('url', values.url), elsewhere, tokens: !values['no-tokens'], invitations },
    seconds: Math.round(86_400 * positive('days', values.days, 366)),
    clip: positive('clip', values.clip, 64),
    sigma: positive('sigma', values.sigma, 1000),
    minBatch: whole('min-batch', values['min-batch'], 1, 1_000_000_000),
    publishers: [
      await readKey(folder.key('publisher-1')),
      await readKey(folder.key('publisher-2')),
    ],
    admin: await readKey(folder.key('admin')),
    now: new Date(),
  });
  say(`Round ${round.epoch}: ${id}, ${round.blocks} blocks, open until ${round.closes}`);
  if (isNewKey)
    say('Keys were made that a server which runs already does not have: start it again.');
  for (const code of codes) say(`invitation ${code}`);
  told(published, say);
}

async function runStatus(folder: DataFolder, _parsed: Parsed, say: Say): Promise<void> {
  await using opened = await openLog(folder);
  const { log, keys, config } = opened;
  const published = await log.published();
  const size = published?.checkpoint.size ?? 0;
  say(`log       ${config.policy.log}`);
  say(`entries   ${size} published, ${log.entries.size - size} wait for witnesses`);
  const newest = await newestSnapshot(opened);
  const what = newest ? `epoch ${newest.entry.epoch}, ${newest.entry.manifest}` : 'none yet';
  say(`snapshot  ${what}`);
  const rounds = log.entries.ofKind(ROUND_KIND).map(roundOfEntry);
  const last = rounds.at(-1);
  if (last) say(`round     ${last.epoch}, from ${last.opens} to ${last.closes}`);
  for (const [role, holders] of await rolesIn(log.entries, keys.admin)) {
    for (const holder of holders) say(`${role.padEnd(10)}${holder}`);
  }
}

const COMMANDS: Readonly<
  Record<string, (folder: DataFolder, parsed: Parsed, say: Say) => Promise<void>>
> = {
  init: runInit,
  publish: runPublish,
  serve: runServe,
  witness: runWitness,
  role: runRole,
  round: runRound,
  learn: async (folder, { values }, say) => {
    const published = await runLearn(folder, values, say);
    if (published) told(published, say);
  },
  audit: (_folder, { values }, say) => runAudit(values, say),
  aggregate: runAggregate,
  status: runStatus,
};

/** The exit code. `out` and `error` take what goes to the two streams. */
export async function main(
  [command = 'help', ...args]: readonly string[],
  out: Say,
  error: Say,
): Promise<number> {
  try {
    if (command === 'help' || command === '--help') {
      out(HELP.trimEnd());
      return 0;
    }
    const run = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
    if (!run) {
      throw new InputError(`There is no command ${JSON.stringify(command)}. See: main.ts help`);
    }
    const parsed = parse(args);
    await run(new DataFolder(resolve(parsed.values.data)), parsed, out);
    return 0;
  } catch (cause) {
    error(messageOf(cause));
    return cause instanceof InputError ? 2 : 1;
  }
}

if (import.meta.main) {
  process.exitCode = await main(
    process.argv.slice(2),
    (text) => process.stdout.write(`${text}\n`),
    (text) => process.stderr.write(`${text}\n`),
  );
}
