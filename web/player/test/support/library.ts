import 'fake-indexeddb/auto';
import { libraryCalls } from '../../src/library/calls.ts';
import { libraryOver } from '../../src/library/open-library.ts';
import { LibraryService, type ServiceOptions } from '../../src/library/service.ts';
import type { Library } from '../../src/library/types.ts';
import { serve, type Served } from '../../src/library/wire.ts';

let databases = 0;

export function newName(): string {
  return `library-${++databases}`;
}

/** The library as the page has it, over the same wire, with the service in this thread. */
export function open(name: string, options: Partial<ServiceOptions> = {}): Library {
  const { port1, port2 } = new MessageChannel();
  let page: Served | null = null;
  const base = new URL('http://localhost/');
  const service = LibraryService.open({
    name,
    base,
    onChange: () => page?.event('change'),
    onPlaylists: () => page?.event('playlists'),
    transport: () => () => Promise.reject(new Error('no server')),
    ...options,
  });
  service.catch(() => undefined);
  page = serve(port2, libraryCalls(service));
  port1.start();
  port2.start();
  return libraryOver(
    port1,
    () => {
      port1.close();
      port2.close();
    },
    () => true,
  ).library;
}
