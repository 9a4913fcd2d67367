import { PAGE_POLICY } from '@ossicle/wire/page';
import type { Plugin } from 'vite';

export { securityHeaders, SERVICE_WORKER, SERVICE_WORKER_POLICY } from '@ossicle/wire/page';

/** The policy of the headers inside the page, for hosts whose headers cannot be set. Vite's development server needs inline scripts. */
export function securityMeta(): Plugin {
  return {
    name: 'security-meta',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: PAGE_POLICY.join('; ') },
        injectTo: 'head-prepend',
      },
    ],
  };
}
