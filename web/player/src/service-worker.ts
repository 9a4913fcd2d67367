/** What stands between the page and the network: the way to the listener's servers, and the files of the page when there is no network. */
import { addPlugins, cleanupOutdatedCaches, precacheAndRoute } from 'workbox-precaching';
import { createPartialResponse } from 'workbox-range-requests';
import { OFFLINE_CHANNEL, type ToldRequest } from './requests/tell.ts';
import { serveRelay, type RelayScope } from './sources/server/serve-relay.ts';

interface Lifecycle {
  waitUntil(work: Promise<unknown>): void;
}

interface Scope extends RelayScope {
  readonly registration: RelayScope['registration'] & { readonly active: unknown };
  readonly clients: { claim(): Promise<void> };
  /** Every file of the build; vite/service-worker.ts writes it in the place of this name. */
  readonly __WB_MANIFEST: { readonly url: string; readonly revision: string | null }[];
  skipWaiting(): Promise<void>;
  addEventListener: RelayScope['addEventListener'] &
    ((type: 'install' | 'activate', listener: (event: Lifecycle) => void) => void);
}

declare const self: Scope;

serveRelay(self);

const offline = new BroadcastChannel(OFFLINE_CHANNEL);

addPlugins([
  {
    // A page with a list of its requests wants to know of these, too.
    fetchDidSucceed({ request: { url }, response }) {
      const length = response.headers.get('content-length');
      const bytes = length === null ? null : Number(length);
      offline.postMessage({ url, at: Date.now(), bytes } satisfies ToldRequest);
      return Promise.resolve(response);
    },
    // Audio is asked for in ranges.
    cachedResponseWillBeUsed: ({ request, cachedResponse }) =>
      Promise.resolve(
        cachedResponse && request.headers.has('range')
          ? createPartialResponse(request, cachedResponse)
          : cachedResponse,
      ),
  },
]);
cleanupOutdatedCaches();
precacheAndRoute(self.__WB_MANIFEST);

self.addEventListener('install', (event) => {
  // The first one takes over at once. A later one waits until no page of the version before is open: it would take that page's files away.
  if (self.registration.active === null) event.waitUntil(self.skipWaiting());
});
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
