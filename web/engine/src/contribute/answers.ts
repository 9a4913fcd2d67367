/** Calls of contributions, answered beside a core. Loaded with the first of them. */
import { catalogueHead, factorsOf, listenerOf } from '../core-contribution.ts';
import type { Core } from '../core.ts';
import type { Arguments, ContributeCallName, Returned } from '../protocol.ts';
import { ContributionHost, type Source } from './host.ts';

export { ContributionHost };

const sourceOf = (core: Core): Source => ({
  factors: factorsOf(core),
  head: (items) => catalogueHead(core, items),
  listener: (nowS) => listenerOf(core, nowS),
  nameOf: (item) => core.artist(item).name,
});

type Answers = {
  readonly [K in ContributeCallName]: (
    host: ContributionHost,
    core: Core,
    args: Arguments<K>,
    signal: AbortSignal | undefined,
  ) => Promise<Returned<K>>;
};

const answers: Answers = {
  contributeState: (host, _, { now }) => host.state(now),
  contributeOn: (host, _, { now, ...options }) => host.turnOn(options, now),
  contributeOff: (host, _, { now }) => host.turnOff(now),
  contributeLook: (host, core, { now }, signal) => host.look(now, sourceOf(core), signal),
  contributeMake: (host, core, { now }) => host.make(now, sourceOf(core)),
  contributeSend: (host, _, { now }, signal) => host.send(now, signal),
  contributeDiscard: async (host) => {
    await host.discard();
    return null;
  },
  contributeRound: (host, _, { now, ...server }, signal) => host.round(server, now, signal),
  contributePreview: (host, core, { text, now }) => host.preview(text, now, sourceOf(core)),
};

export function answer<K extends ContributeCallName>(
  name: K,
  host: ContributionHost,
  core: Core,
  args: Arguments<K>,
  signal: AbortSignal | undefined,
): Promise<Returned<K>> {
  return answers[name](host, core, args, signal);
}
