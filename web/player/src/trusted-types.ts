/** The part of the Trusted Types API that is used; not every browser has it. */
interface TrustedTypes {
  createPolicy(name: 'default', rules: { createScriptURL(url: string): string }): unknown;
}

/**
 * The one policy that the page's content security policy allows: scripts, and so the engine's worker, may come from the page's own
 * origin. HTML and script text are never trusted.
 */
export function trustOwnScripts(): void {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: TrustedTypes };
  trustedTypes?.createPolicy('default', {
    createScriptURL(url) {
      if (new URL(url, document.baseURI).origin === location.origin) return url;
      throw new TypeError(`A script of another origin was refused: ${url}`);
    },
  });
}
