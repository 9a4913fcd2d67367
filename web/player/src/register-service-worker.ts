/** Without it the page works all the same, but not offline and not with servers; those say so themselves. */
export async function registerServiceWorker(): Promise<void> {
  const { serviceWorker } = navigator as { readonly serviceWorker?: ServiceWorkerContainer };
  if (!serviceWorker || !import.meta.env.PROD) return;
  try {
    await serviceWorker.register(new URL('service-worker.js', document.baseURI));
  } catch {
    // Private windows of some browsers refuse.
  }
}
