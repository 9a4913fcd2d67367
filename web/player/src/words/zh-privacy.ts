/** The words of the privacy page, in Chinese. */
import type { enPrivacy } from './en-privacy.ts';
import { zhContributing } from './zh-contributing.ts';
import { zhFetching } from './zh-fetching.ts';

const number = new Intl.NumberFormat('zh-CN');
const list = new Intl.ListFormat('zh-CN');

export const zhPrivacy: typeof enPrivacy = {
  title: '隐私',
  sentence: '没有任何内容离开这台设备。',
  sentenceServer: '除了向你自己的服务器请求的内容，没有任何内容离开这台设备。',

  switches: 'Ossicle 可以做什么',
  learn: '在这台设备上学习',
  learnText:
    '列表会跟随你播放和表达的内容。关闭后，列表显示多数人在听的；你做的仍会记录在这里，重新打开后照常计入。',
  fetch: '获取新版向量',
  fetching: zhFetching,
  share: '贡献统计',
  contributing: zhContributing,

  learnFrom: '从什么学习',
  learnFromText: '关闭的部分仍会保存，但不计入任何列表，就像从未有过。重新打开后，一切照旧。',
  plays: '我在这里播放的',
  choices: '我喜欢、跳过和不想再看到的',
  choicesText: '关闭后，你不想再看到的艺人可能会重新出现。',
  imported: '我导入的历史',
  leftOut: '现在没有从你的历史中学习，所以这里是多数人在听的。',
  change: '更改',

  private: '私密会话',
  privateText:
    '在你关闭它或关闭此标签页之前，你在这里播放、喜欢和跳过的都不会记录。你交给 Ossicle 的文件仍会记录。',

  left: '离开了什么',
  leftServers: (asked) =>
    `此页面打开以来，${list.format(
      asked.map(({ host, count }) => `${host} 被请求了 ${number.format(count)} 次`),
    )}。地址是你输入的。`,

  stored: '这里保存了什么',
  history: '收听历史',
  notLearnt: (n) => `其中 ${number.format(n)} 条不计入学习。`,
  library: '音乐库',
  libraryText: (tracks, sources) =>
    `${number.format(sources)} 个来源的 ${number.format(tracks)} 首曲目；音乐本身留在原处。`,
  covers: '封面',
  pictures: (n) => `${number.format(n)} 张图片`,
  playlists: '播放列表',
  lists: (n) => `${number.format(n)} 个列表`,
  lyrics: '歌词',
  songs: (n) => `${number.format(n)} 首曲目`,
  vectors: '文本向量',
  vectorsText: '用数字表示你的曲目讲的是什么；在这里生成。',
  newerVectors: '新版向量',
  newerVectorsText: (version, before) =>
    before === null
      ? `版本 ${version}；对所有人都一样。`
      : `版本 ${version}，以及可以回到的版本 ${before}；对所有人都一样。`,
  offline: '为离线保留',
  offlineText: (n) => `页面自身的 ${number.format(n)} 个文件。`,
  settings: '设置',
  settingsText: '语言、颜色、音量和上面的开关。',
  all: '全部，按浏览器的统计',

  entries: '你的历史中的全部内容',
  find: '查找',
  of: (shown, all) => `${number.format(shown)} / ${number.format(all)}`,
  more: '显示更多',
  delete: (name) => `删除 ${name}`,
  kinds: { play: '播放', love: '喜欢', skip: '跳过', ban: '屏蔽', clear: '撤回', shown: '显示' },

  save: '把全部内容保存到文件',
  saveText: '你的历史和设置，在一个可读的文件中，每行一条。把它拖到页面上，Ossicle 就能取回。',
  saving: ({ done, total }) => `${number.format(done)} / ${number.format(total)} 条`,
  stop: '停止',
  settingsBack: '你的设置也恢复了。',

  requests: '此页面的每个请求及其原因',
  requestsOwn: (n) => `${number.format(n)} 个请求，全部发往此页面自己的地址。`,
  requestsServers: (n, asked) =>
    `${number.format(n)} 个请求发往此页面自己的地址，${list.format(
      asked.map(({ host, count }) => `${number.format(count)} 个发往 ${host}`),
    )}（你输入的地址）。`,
  requestsUnknown: (n) => `${number.format(n)} 个请求去了别的地址，这本不应发生。请报告。`,
  requestsText: '自此页面打开以来，包括它的后台线程和向你的服务器的请求。',
  requestsNone: '都没有带上你的任何数据。',
  requestsTextServers:
    '自此页面打开以来，包括它的后台线程和向你的服务器的请求。你的登录信息只发给你的服务器，不在此显示。',
  requestsAll: '全部',
  when: '时间',
  what: '内容',
  why: '原因',
  size: '大小',
  here: '已在本地',
  purposes: {
    page: '页面本身',
    engine: '引擎',
    vectors: '向量：对艺人的了解',
    newerVectors: '服务器的日志和新版向量',
    encoder: '文本编码器：理解词语',
    style: '流派和情绪',
    sequence: '歌单',
    demo: '演示专辑',
    notices: '许可证',
    offline: '为离线保留',
    contribution: '你的贡献：密封的报告',
    contributionToken: '你的贡献：它的一次性令牌',
    serverCheck: '你的服务器：是否在线',
    serverList: '你的服务器：专辑和曲目',
    serverLyrics: '你的服务器：歌词',
    serverCover: '你的服务器：封面',
    serverMusic: '你的服务器：音乐',
    serverTold: '你的服务器：告知你的播放',
    unknown: '未知',
  },

  language: '语言',
  theme: '颜色',
  themes: { auto: '跟随系统', light: '浅色', dark: '深色' },
  auto: '跟随浏览器',
  notices: '此页面所用软件的许可证',
};
