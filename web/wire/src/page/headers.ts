/** Headers of the page, for whatever serves it. */

/**
 * What the page may do. WebAssembly needs 'wasm-unsafe-eval'; the one Trusted Types policy lets the engine's worker start
 * (player/src/trusted-types.ts). Nothing but the page's own origin can be asked for anything: servers that the person added are reached
 * through the service worker (player/src/sources/server/relay.ts).
 */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  // blob: covers and tracks that were read from the listener's own files.
  "img-src 'self' blob:",
  "media-src 'self' blob:",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types default',
];

/** Headers of every response: a worker obeys those of its own script, not the page's <meta>. */
export const securityHeaders = {
  'Content-Security-Policy': [...PAGE_POLICY, "frame-ancestors 'none'"].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), browsing-topics=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/** The file that SERVICE_WORKER_POLICY is for. */
export const SERVICE_WORKER = 'service-worker.js';

/**
 * The service worker's own: it alone may ask other hosts, and asks only for what player/src/sources/server/relay.ts lets through, of the
 * servers that the person added, which a header cannot name before.
 */
export const SERVICE_WORKER_POLICY =
  "default-src 'none'; script-src 'self'; connect-src 'self' https: http:; frame-ancestors 'none'";
