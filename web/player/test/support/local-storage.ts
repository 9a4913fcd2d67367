/** What Node does not have of a page, for the settings. Import it before them. */
const kept = new Map<string, string>();

const localStorage = {
  getItem: (name: string) => kept.get(name) ?? null,
  setItem: (name: string, value: string) => void kept.set(name, value),
  removeItem: (name: string) => void kept.delete(name),
  get length() {
    return kept.size;
  },
};

for (const [name, value] of Object.entries({ localStorage, window: { localStorage } })) {
  Object.defineProperty(globalThis, name, { configurable: true, value });
}
