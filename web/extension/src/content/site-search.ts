/** The site's own search, as its structured data describe it: https://schema.org/SearchAction */
import { WORDS, isSecure } from './connectors/searches.ts';

const MOST_SCRIPTS = 10;
const MOST_LETTERS = 100_000;
const MOST_NODES = 50;
const MOST_TEMPLATE = 500;

type Node = Readonly<Record<string, unknown>>;

function nodes(found: unknown): readonly Node[] {
  const list: readonly unknown[] = Array.isArray(found) ? found : [found];
  return list
    .slice(0, MOST_NODES)
    .filter((one): one is Node => typeof one === 'object' && one !== null);
}

function isOf(type: string, node: Node): boolean {
  const types = node['@type'];
  return types === type || (Array.isArray(types) && types.includes(type));
}

function targetsOf(node: Node): readonly unknown[] {
  return nodes(node['potentialAction'])
    .filter((action) => isOf('SearchAction', action))
    .flatMap(({ target }) => (Array.isArray(target) ? (target as unknown[]) : [target]))
    .slice(0, MOST_NODES)
    .map((target) => (typeof target === 'string' ? target : nodes(target)[0]?.['urlTemplate']));
}

/** null: not one placeholder, or not of this origin. */
function templateOf(target: unknown, origin: string): string | null {
  if (typeof target !== 'string' || target.length > MOST_TEMPLATE) return null;
  if (target.match(/\{[^{}]*\}/gu)?.length !== 1) return null;
  const template = target.replace(/\{[^{}]*\}/u, WORDS);
  const url = URL.parse(template.replace(WORDS, 'words'), origin);
  if (url?.origin !== origin || !isSecure(url)) return null;
  return URL.canParse(template)
    ? template
    : new URL(template, origin).href.replace('%7Bwords%7D', WORDS);
}

/** `texts`: of the JSON-LD scripts of a page. */
export function searchOf(texts: Iterable<string>, origin: string): string | null {
  for (const text of texts) {
    try {
      const top = nodes(JSON.parse(text));
      const sites = [...top, ...top.flatMap((node) => nodes(node['@graph'] ?? []))];
      const targets = sites.filter((node) => isOf('WebSite', node)).flatMap(targetsOf);
      const template = targets.map((target) => templateOf(target, origin)).find(Boolean);
      if (template !== undefined && template !== null) return template;
    } catch {
      // Pages write all kinds of things there.
    }
  }
  return null;
}

export function siteSearch(page: Document): string | null {
  const scripts = page.querySelectorAll('script[type="application/ld+json"]');
  const texts = [...scripts].slice(0, MOST_SCRIPTS).map(({ textContent }) => textContent);
  return searchOf(
    texts.filter(({ length }) => length < MOST_LETTERS),
    page.location.origin,
  );
}
