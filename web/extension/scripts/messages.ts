/** What the browsers' own lists and menus say of the extension, as `_locales/LANGUAGE/messages.json` has it. */

const en = {
  description:
    'Notices what you play on the music sites that you turn on, and recommends artists. Computed and kept on this device.',
  panel: 'Ossicle: what plays now, and what could be next',
} as const;

export type MessageName = keyof typeof en;

const zhCN: Readonly<Record<MessageName, string>> = {
  description: '留意你在已开启的音乐网站上播放的内容，并推荐音乐人。全部在本设备上计算和保存。',
  panel: 'Ossicle：正在播放，以及接下来听什么',
};

export const DEFAULT_LANGUAGE = 'en';
/** Chrome's web store refuses longer ones. */
const MOST_LETTERS: Readonly<Record<MessageName, number>> = { description: 132, panel: 75 };

/** Path in the extension to contents. */
export function messageFiles(): ReadonlyMap<string, string> {
  const languages = { [DEFAULT_LANGUAGE]: en, zh_CN: zhCN };
  return new Map(
    Object.entries(languages).map(([language, messages]) => {
      for (const [name, most] of Object.entries(MOST_LETTERS)) {
        if (messages[name as MessageName].length > most) {
          throw new Error(`${language}: "${name}" is longer than ${most} letters`);
        }
      }
      const file = Object.fromEntries(
        Object.entries(messages).map(([name, message]) => [name, { message }]),
      );
      return [`_locales/${language}/messages.json`, `${JSON.stringify(file, null, 2)}\n`];
    }),
  );
}
