/** What a careful eye would object to on a page as it is now, and where pictures of pages are kept. */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

export const ARTIFACTS = fileURLToPath(new URL('artifacts/', import.meta.url));
mkdirSync(ARTIFACTS, { recursive: true });

const require = createRequire(new URL('../../web/package.json', import.meta.url));
/** A script that `objections` needs in every page: context.addInitScript({ content: AXE }). */
export const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** What axe objects to, all of its rules for WCAG 2.2 AA and its best practices. */
export function objections(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(root: Document): Promise<AxeResult> } };
    const { violations } = await axe.run(document);
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${help}\n${html}\n${failureSummary ?? ''}`),
    );
  });
}

/** Elements that stick out of the page on the right; what a shelf holds is scrolled to, and the inputs of sliders are for screen readers. */
export function overflowing(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.closest('.unseen, .slider-thumb input, .cards > *') === null)
      .filter((element) => element.getBoundingClientRect().right > width + 0.5)
      .map((element) => `${element.tagName}.${element.getAttribute('class') ?? ''}`);
  });
}

/** Buttons and links that a finger would miss. */
function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('button, a, summary, .choose label')]
      .map((element) => [element, element.getBoundingClientRect()] as const)
      .filter(([, box]) => box.width > 0 && (box.height < 44 || box.width < 44))
      .map(([element, box]) => `${element.textContent} ${box.width} x ${box.height}`),
  );
}

/** Text whose contrast to the ground behind it is below WCAG AA. */
function faintText(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const parse = (colour: string): readonly number[] =>
      (colour.match(/[\d.]+/g) ?? []).map(Number);
    const luminance = ([r = 0, g = 0, b = 0]: readonly number[]): number => {
      const linear = [r, g, b].map((v) => {
        const c = v / 255;
        return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * linear[0]! + 0.7152 * linear[1]! + 0.0722 * linear[2]!;
    };
    const groundOf = (element: Element): readonly number[] => {
      for (let at: Element | null = element; at; at = at.parentElement) {
        const colour = parse(getComputedStyle(at).backgroundColor);
        if ((colour[3] ?? 1) > 0.99 && colour.length > 0) return colour;
      }
      return [255, 255, 255];
    };
    const faint: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!element || node.textContent?.trim() === '' || !element.checkVisibility()) continue;
      const style = getComputedStyle(element);
      const [text, ground] = [luminance(parse(style.color)), luminance(groundOf(element))];
      const contrast = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
      const size = parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (contrast < (large ? 3 : 4.5)) faint.push(`${node.textContent} ${contrast.toFixed(2)}`);
    }
    return faint;
  });
}

/** All of it; nothing where the page is as it should be. */
export async function flaws(page: Page): Promise<readonly string[]> {
  return [
    ...(await overflowing(page)).map((what) => `sticks out: ${what}`),
    ...(await smallTargets(page)).map((what) => `is too small to hit: ${what}`),
    ...(await faintText(page)).map((what) => `is too faint: ${what}`),
  ];
}
