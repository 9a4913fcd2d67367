/** The library's worker: a file, so that the page's policy needs no blob: scripts. */
import { libraryCalls } from './calls.ts';
import { pageTransport } from '../sources/server/page-transport.ts';
import { LibraryService } from './service.ts';
import { tellPage } from '../requests/tell.ts';
import { serve, type Port, type Served } from './wire.ts';

const scope = globalThis as unknown as Port & { readonly name: string };
let page: Served | null = null;
/** The name carries what the worker cannot know: its database and where the page lies. */
const { database, base, requests } = JSON.parse(scope.name) as {
  database: string;
  base: string;
  requests: string | null;
};
if (requests !== null) tellPage(requests);
const service = LibraryService.open({
  name: database,
  base: new URL(base),
  onChange: () => page?.event('change'),
  onPlaylists: () => page?.event('playlists'),
  transport: pageTransport((question, signal) => {
    if (page === null) throw new Error('Nothing is asked before the page asked.');
    return page.ask(question, signal);
  }, new URL(base)),
});
// A rejection is told by the first call.
service.catch(() => undefined);
page = serve(scope, libraryCalls(service));
