/** The words of the extension's own pages, in Chinese. The shape is that of en.ts. */
import type { en } from './en.ts';

const number = new Intl.NumberFormat('zh-CN');

export const zh: typeof en = {
  titles: { popup: 'Ossicle', panel: 'Ossicle', privacy: '隐私 · Ossicle' },

  first: {
    title: '了解你喜欢什么，只在这台设备上',
    text: [
      '打开你听音乐的网站，Ossicle 会记下那里播放的内容。',
      '它保存在这台设备上，不会发送到任何地方。',
      '由此找到你还不认识的艺人。',
    ],
  },

  site: {
    title: '此网站',
    listen: (host) => `在 ${host} 一起听`,
    on: '那里播放的内容会保存在这台设备上。',
    off: '已关闭：Ossicle 看不到它的任何内容。浏览器会询问你一次。',
    closed: '浏览器不允许扩展进入此页面。请打开你听音乐的网站。',
    refused: (host) => `${host} 保持关闭。没有任何更改。`,
    private: '已打开。私密会话中不会保存它的任何内容。',
    failed: '浏览器没有完成。请再试一次。',
  },

  now: {
    plays: '正在播放',
    paused: '已暂停',
    on: (host) => `来自 ${host}`,
    nothing: '已打开的网站上没有播放内容。',
    kept: (plays) => `你播放过 ${number.format(plays)} 次。`,
    unknown: '目录还不认识这位艺人。这次播放仍会计入你的历史。',
    notYet: '你的历史中还没有支持它的内容。',
    private: '私密会话：这次播放不会记录。',
  },

  verdict: {
    loved: (name) => `你喜欢 ${name}：撤回`,
    banned: (name) => `${name} 不再显示：撤回`,
  },

  next: {
    title: '接下来听',
    popular: '听得最多的',
    empty: '还没有播放过，所以这里是多数人在听的。随着你的收听，它会成为你的。',
    leftOut: '现在没有从你的历史中学习，所以这里是多数人在听的。',
    notMatched: '目录还不认识你的艺人，所以这里是多数人在听的。喜欢一两位，列表就成为你的。',
    private: '私密会话：你在这里的选择不会记录。',
    change: '更改',
  },

  search: {
    title: '搜索',
    label: '查找艺人',
    hint: '名字或风格',
    nothing: (query) => `没有找到“${query}”。`,
    site: (host) => `在 ${host} 上搜索`,
    web: '用 DuckDuckGo 搜索网络',
    onSite: (name, host) => `在 ${host} 上搜索 ${name}`,
    onWeb: (name) => `用 DuckDuckGo 在网络上搜索 ${name}`,
  },

  private: {
    label: '私密会话',
    text: '在你关闭它或关闭浏览器之前，什么都不保存。',
    full: '在你关闭它或关闭浏览器之前，你播放、喜欢和跳过的都不会记录。你交给 Ossicle 的文件仍会记录。',
  },

  opening: '引擎和目录随扩展一起提供，不会获取任何内容。',

  links: { panel: '在侧边栏打开', privacy: '隐私' },

  sites: {
    title: '已打开的网站',
    text: 'Ossicle 会记下这些网站播放的内容，看不到其他网站。',
    none: '没有。请在你听音乐的网站上打开 Ossicle，并在那里开启。',
    off: '关闭',
    offLabel: (host) => `关闭 ${host}`,
    allOff: (n) => (n === 1 ? '关闭它' : `关闭全部 ${number.format(n)} 个网站`),
    everywhere: '所有网站',
    failed: '浏览器没有关闭它。你可以在浏览器的扩展设置中关闭。',
    turnedOff: (host) => `${host} 已关闭。`,
    allTurnedOff: '所有网站都已关闭。',
  },

  privacy: {
    plays: '我在已打开的网站上播放的',
    settings: '语言、颜色和上面的开关。',
    move: '迁移你的历史',
    moveText:
      '读取音乐服务的导出文件，或 Ossicle 播放器保存的文件。这里保存的文件也能在播放器中打开。',
    eraseSure:
      '这会从此浏览器中删除你的历史、选择和设置。已打开的网站保持打开，直到你关闭它们。无法撤销。',
    eraseFailed: '没有删除任何内容：扩展没有回应。请再试一次。',
  },
};
