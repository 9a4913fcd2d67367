/** What a page calls a song, made into what a catalogue calls it. Rather leaves something in than takes a part of a real title away. */
import {
  decodeHtmlEntities,
  filterWithFilterRules,
  removeCleanExplicit,
  removeRemastered,
  removeZeroWidth,
} from '@web-scrobbler/metadata-filter';
import { plainText } from './wire/plays.ts';

export interface Names {
  readonly artist: string;
  readonly title: string;
  readonly album: string;
}

/** Words of which video sites make their suffixes. The first kind is enough to know one by. */
const TELLING =
  'of+icial|of+iciel(?:le)?|oficial|offizielle[sr]?|video\\s?clip|vid[eé]o|audio|lyrics?|visuali[sz]er|m/?v|uhd|hd|hq|4k|1080p|官方|高清|高畫質|高画质|歌詞|歌词|音樂錄影帶|音乐录影带';
const OTHER =
  'music|clip|track|stream|live|full|with|and|the|new|pv|ver\\.?|version|完整|動態|动态|中文|字幕|版本|版|音樂|音乐|影音';
const BRACKETS = /\s*(?:\(([^()]*)\)|\[([^[\]]*)\]|【([^【】]*)】|（([^（）]*)）)/gu;
const SUFFIX_WORDS = new RegExp(
  `^(?:(?:${TELLING}|${OTHER})(?:[\\s/·,+&-]+|(?<=\\P{ASCII})|(?=\\P{ASCII})|$))+$`,
  'iu',
);
const TELLING_WORD = new RegExp(TELLING, 'iu');
/** Takes of a recording that are another one. */
const OTHER_TAKE = /\blive\b|version/iu;

const TITLE_RULES = [
  // The library's own rule begins at the first bracket: "Song (Part 2) (Remastered)" would lose both.
  { source: /\s[([][^()[\]]*\bre-?master(?:ed)?\b[^()[\]]*[)\]]$/i, target: '' },
  {
    source:
      /\s*(?:[-–—|]\s*)?\bof+icial\s+(?:(?:music|lyrics?|hd|4k)\s+)*(?:video|audio|visuali[sz]er|m\/?v)(?:\s+(?:hd|hq|4k))?$/i,
    target: '',
  },
  { source: /\s+[-–—|]\s+(?:lyrics?|lyrics?\s+video|music\s+video|m\/?v)$/i, target: '' },
];
const ALBUM_RULES = [{ source: /\s+pre-order$/i, target: '' }];

/** YouTube's own channels of artists: what they hold is named as on records. */
const TOPIC = /\s+-\s+(?:Topic|Thema|主题|主題)$/u;
const VEVO = /(?<=\S)\s*VEVO$/u;
const CHANNEL_WORDS =
  /\s*\b(?:official(?:\s+(?:channel|artist channel|music))?|channel|tv|vevo|music|records?|recordings)$|\s*(?:官方频道|官方頻道|官方)$|^official\s+/giu;
const VARIOUS = /^(?:various(?:\s+artists)?|群星|华语群星|華語群星)$/iu;
const AD =
  /^(?:advertisements?|ads?|ad break|commercial break|sponsored(?: message)?|werbung|werbepause|anzeige|publicité|publicidad|anuncio|pubblicità|广告|廣告|広告|광고|реклама)(?:\s*[·•:–-]?\s*\d.*)?$/iu;
/** A second part of a title like these is not a title. */
const NOT_A_TITLE =
  /^(?:(?:\d{4}|single|radio|club|original|extended|acoustic|unplugged|stripped|instrumental|demo|live|remix(?:ed)?|re-?master(?:ed)?|mono|stereo|album|bonus|full|official|part|pt\.?|vol\.?|session|cover|edit|mix|version|karaoke|现场|現場|伴奏|纯音乐|純音樂)\b|(?:现场|現場|伴奏|纯音乐|純音樂)|.*\b(?:remix|mix|edit|version|remaster(?:ed)?|session|demo|cover)$)/iu;
const DASH = /\s+[-–—]\s+/u;
const QUOTED =
  /^(?<artist>[^《「『【]+?)\s*[-–—]?\s*(?:《(?<a>[^《》]+)》|「(?<b>[^「」]+)」|『(?<c>[^『』]+)』|【(?<d>[^【】]+)】)$/u;

export function isAd(artist: string, title: string): boolean {
  return artist === '' || title === '' || AD.test(title) || AD.test(artist);
}

/** `byChannel`: the site gives the name of the channel for the artist, as YouTube does. */
export function clean(found: Names, { byChannel = false } = {}): Names {
  const artist = oneLine(found.artist);
  const title = cleanTitle(oneLine(found.title));
  const album = kept(oneLine(found.album), (text) =>
    filterWithFilterRules(removeRemastered(text), ALBUM_RULES),
  );
  const isTopic = TOPIC.test(artist);
  const isChannel = !isTopic && (byChannel || VEVO.test(artist));
  const named = cleanArtist(artist);
  const split = isTopic ? null : splitTitle(title, named, isChannel);
  return {
    artist: plainText(split?.artist ?? named),
    title: plainText(unquoted(split?.title ?? title)),
    album: plainText(album),
  };
}

function oneLine(text: string): string {
  return plainText(removeZeroWidth(decodeHtmlEntities(plainText(text))));
}

/** A rule that takes all away was not meant for this one. */
function kept(text: string, change: (text: string) => string): string {
  const changed = change(text).trim();
  return changed === '' ? text : changed;
}

function cleanTitle(title: string): string {
  return kept(title, (text) => {
    const bare = text.replace(BRACKETS, (whole, a?: string, b?: string, c?: string, d?: string) =>
      isSuffix((a ?? b ?? c ?? d ?? '').trim()) ? ' ' : whole,
    );
    const plain = filterWithFilterRules(removeCleanExplicit(plainText(bare)), TITLE_RULES);
    return removeRemastered(plain).replace(/\s+[-–—|]+$/u, '');
  });
}

function isSuffix(inside: string): boolean {
  if (!TELLING_WORD.test(inside) || !SUFFIX_WORDS.test(inside)) return false;
  return !OTHER_TAKE.test(inside) || /of+icial|video|官方/iu.test(inside);
}

function cleanArtist(artist: string): string {
  const name = kept(artist, (text) => text.replace(TOPIC, ''));
  if (!VEVO.test(name)) return name;
  // "TaylorSwiftVEVO"
  return kept(name, (text) => text.replace(VEVO, '').replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2'));
}

/** "Artist - Title" in the one field. null: it is only a title. */
function splitTitle(
  title: string,
  artist: string,
  isChannel: boolean,
): { artist: string; title: string } | null {
  const parts = inTwo(title);
  if (parts === null) return null;
  const [left, right] = parts;
  const channel = folded(bareChannel(artist));
  if (artist !== '' && [folded(artist), channel].includes(folded(left))) {
    return { artist: left, title: right };
  }
  if (NOT_A_TITLE.test(right)) return null;
  if (artist !== '' && [folded(artist), channel].includes(folded(right))) {
    return { artist: right, title: left };
  }
  const isFree = artist === '' || isChannel || VARIOUS.test(artist);
  return isFree ? { artist: left, title: right } : null;
}

function inTwo(title: string): readonly [string, string] | null {
  const dash = DASH.exec(title);
  if (dash !== null && dash.index > 0) {
    const right = title.slice(dash.index + dash[0].length).trim();
    return right === '' ? null : [title.slice(0, dash.index).trim(), right];
  }
  const groups = QUOTED.exec(title)?.groups;
  const inside = groups?.['a'] ?? groups?.['b'] ?? groups?.['c'] ?? groups?.['d'];
  if (groups?.['artist'] === undefined || inside === undefined) return null;
  return [groups['artist'].trim(), inside.trim()];
}

/** 《Title》 is how Chinese writes the title of a work. */
function unquoted(title: string): string {
  return kept(title, (text) => text.replace(/^《([^《》]+)》$/u, '$1'));
}

function bareChannel(artist: string): string {
  return kept(artist, (text) => text.replace(CHANNEL_WORDS, ''));
}

function folded(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();
}
