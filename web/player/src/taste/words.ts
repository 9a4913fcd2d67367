/** The words of the taste map and of listening over time, in every language. */
import type { Language } from '../words/languages.ts';
import { useLanguage } from '../words/use-words.ts';

const enNumber = new Intl.NumberFormat('en-GB');
const zhNumber = new Intl.NumberFormat('zh-CN');

function times(plays: number): string {
  if (plays === 0) return 'not played yet';
  if (plays === 1) return 'played once';
  return plays === 2 ? 'played twice' : `played ${enNumber.format(plays)} times`;
}

const en = {
  map: 'Taste map',
  mapText:
    'What is alike stands together; what you play often is brighter. Drag to move, turn the wheel or pinch to come closer.',
  artistsText:
    'These are the artists of your history. Add music of your own to see your tracks here.',
  picture: (stars: number, clusters: number): string =>
    `A map of ${enNumber.format(stars)} stars in ${enNumber.format(clusters)} clusters. The same is below as a list.`,
  preparing: (done: number, total: number): string =>
    `Reading what your music is about: ${enNumber.format(done)} of ${enNumber.format(total)}`,
  placing: 'Placing the stars',
  few: 'The map begins with a dozen tracks or artists.',
  failed: 'The map could not be drawn. Everything else works.',
  again: 'Try again',
  closer: 'Come closer',
  further: 'Go further away',
  whole: 'See all of it',
  drawPath: 'Draw a path',
  drawing: 'Draw a line over the map',
  path: 'Along your path',
  clearPath: 'Remove the path',
  play: 'Play',
  playOne: (name: string): string => `Play ${name}`,
  times,
  asList: 'The map as a list',
  stars: (n: number): string => (n === 1 ? '1 entry' : `${enNumber.format(n)} entries`),
  more: (n: number): string => `and ${enNumber.format(n)} more`,
  from: 'From',
  to: 'To',
  makePath: 'Make a path',
  over: 'Over time',
  overText: 'How much you played.',
  plays: (n: number): string => (n === 1 ? '1 play' : `${enNumber.format(n)} plays`),
  period: new Intl.DateTimeFormat('en-GB', { month: 'short', year: 'numeric' }),
};

export type TasteWords = typeof en;

const zh: TasteWords = {
  map: '品味地图',
  mapText: '相似的在一起；常播放的更亮。拖动可移动，滚轮或双指可放大。',
  artistsText: '这些是你历史中的艺人。添加你自己的音乐，就能在这里看到你的曲目。',
  picture: (stars, clusters) =>
    `一幅地图：${zhNumber.format(stars)} 颗星，${zhNumber.format(clusters)} 个星团。下面是同样内容的列表。`,
  preparing: (done, total) =>
    `正在了解你的音乐：${zhNumber.format(done)} / ${zhNumber.format(total)}`,
  placing: '正在安放星星',
  few: '有十几首曲目或十几位艺人后，地图就会出现。',
  failed: '地图无法绘制，其他功能都正常。',
  again: '再试一次',
  closer: '放大',
  further: '缩小',
  whole: '查看全部',
  drawPath: '画一条路径',
  drawing: '在地图上画一条线',
  path: '沿着你的路径',
  clearPath: '移除路径',
  play: '播放',
  playOne: (name) => `播放 ${name}`,
  times: (plays) => (plays === 0 ? '还没有播放过' : `播放过 ${zhNumber.format(plays)} 次`),
  asList: '以列表显示地图',
  stars: (n) => `${zhNumber.format(n)} 项`,
  more: (n) => `还有 ${zhNumber.format(n)} 项`,
  from: '从',
  to: '到',
  makePath: '生成路径',
  over: '随时间变化',
  overText: '你播放了多少。',
  plays: (n) => `${zhNumber.format(n)} 次播放`,
  period: new Intl.DateTimeFormat('zh-CN', { month: 'short', year: 'numeric' }),
};

const WORDS: Readonly<Record<Language, TasteWords>> = { en, zh };

export function useTasteWords(): TasteWords {
  return WORDS[useLanguage()];
}
