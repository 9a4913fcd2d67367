/** Every word of the page, in Chinese. The shape is that of en.ts. */
import type {
  CatalogueSummary,
  Engine,
  ImportProblemKind,
  ImportProgress,
  ImportReport,
  ProfileSummary,
  Reason,
} from 'ossicle';
import type { Problem } from '../problem.ts';
import type { Choice } from '../state/session.ts';
import type { en } from './en.ts';

const LOCALE = 'zh-CN';
const number = new Intl.NumberFormat(LOCALE);
const percent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 0 });
const finePercent = new Intl.NumberFormat(LOCALE, { style: 'percent', maximumFractionDigits: 1 });
const month = new Intl.DateTimeFormat(LOCALE, { month: 'long', year: 'numeric' });

const listens = (n: number): string => `${number.format(n)} 次播放`;
const artists = (n: number): string => `${number.format(n)} 位艺人`;
const share = (part: number): string => (part < 0.01 ? finePercent : percent).format(part);

function bytes(n: number): string {
  if (n < 1000) return `${number.format(n)} 字节`;
  if (n < 999_500) return `${number.format(Math.round(n / 1000))} kB`;
  return `${number.format(Math.round(n / 1e5) / 10)} MB`;
}

const lastIn = ({ lastPlayedAt }: Reason): string =>
  lastPlayedAt ? `最近一次在${month.format(lastPlayedAt)}` : '';

/** "你播放过 Radiohead 212 次，最近一次在2024年3月" */
function clause(reason: Reason, first: boolean): string {
  const { artist, plays } = reason;
  if (plays === 0) return `你喜欢 ${artist.name}`;
  const what = `${artist.name} ${number.format(plays)} 次`;
  if (!first) return what;
  const dated = lastIn(reason);
  return `你播放过 ${what}${dated === '' ? '' : `，${dated}`}`;
}

function because(reasons: readonly Reason[]): string {
  const heard = reasons.filter(
    ({ contribution, plays, loved }) => contribution > 0 && (plays > 0 || loved),
  );
  // What the score would not miss is no cause of it, however large its part.
  const causes = heard.filter(({ ifRemoved }) => ifRemoved > 0);
  const [first, second] = causes.length > 0 ? causes : heard;
  if (!first) return '接近你的整体品味，而不是某一位艺人。';
  if (!second) return `因为${clause(first, true)}。`;
  return `因为${clause(first, true)}，还有${clause(second, first.plays === 0)}。`;
}

function without({ ifRemoved }: Reason, score: number): string {
  const fall = ifRemoved / score;
  if (score <= 0 || !Number.isFinite(fall)) return '';
  if (Math.abs(fall) < 0.0005) return '没有它，分数不变。';
  return fall > 0
    ? `没有它，分数会下降 ${share(fall)}。`
    : `没有它，分数会上升 ${share(-fall)}：你的其他艺人说的是同一件事。`;
}

const problemKinds: Readonly<Record<ImportProblemKind, (n: number) => string>> = {
  bad_record: (n) => `${number.format(n)} 条记录无法读取`,
  no_artist: (n) => `${number.format(n)} 条记录没有艺人`,
  bad_date: (n) => `${number.format(n)} 条记录没有可用的日期`,
  future_date: (n) => `${number.format(n)} 次播放的日期在未来`,
  too_long: (n) => `${number.format(n)} 条记录超过 1 MB`,
  bad_utf8: (n) => `${number.format(n)} 条记录有损坏的字符；已保留，损坏处已替换`,
  truncated: () => '文件在一条记录中间结束：它可能不完整',
  now_playing: (n) => `${number.format(n)} 首曲目当时还在播放，尚未听完`,
  not_music: (n) => `${number.format(n)} 条记录不是音乐：播客、电影、其他视频`,
  not_played: (n) => `${number.format(n)} 首曲目打开了但没有播放`,
  private_session: (n) => `${number.format(n)} 次播放在该服务的私密会话中；已略去`,
  other_file: (n) => `压缩包中有 ${number.format(n)} 个文件是其他内容`,
};

interface Told {
  readonly title: string;
  /** What is safe. */
  readonly safe: string;
  readonly advice: string;
}

const KEPT = '之前保存的内容都还在。';
const FILES = '页面自己的一些文件没有正确到达。';

function told({ code, at }: Problem): Told {
  // Whatever has no words of its own gets the last ones.
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check
  switch (code) {
    case 'unsupported_browser':
      return {
        title: '这个浏览器无法运行 Ossicle',
        safe: '没有读取也没有保存任何内容。',
        advice:
          'Ossicle 在浏览器中计算，需要 WebAssembly SIMD。Chrome 或 Edge 91、Firefox 89、Safari 16.4 及更新版本都支持；某些“严格安全”模式会关闭它。',
      };
    case 'unknown_format':
      return {
        title: 'Ossicle 不认识这种导出文件',
        safe: KEPT,
        advice:
          '请使用 ListenBrainz、Last.fm、Spotify、Apple Music 或 YouTube Music 的导出文件，下载后无需改动。',
      };
    case 'missing':
    case 'network':
      return { title: '缺少页面的一个文件', safe: KEPT, advice: `${FILES}请检查网络并重新加载。` };
    case 'checksum_mismatch':
    case 'corrupt':
    case 'bundle_mismatch':
    case 'unsupported_version':
      return {
        title: '页面的文件互不匹配',
        safe: KEPT,
        advice: `${FILES}请重新加载；若无效，请清空浏览器为本站保存的缓存。`,
      };
    case 'store_unavailable':
      return {
        title: '浏览器不允许在此保存内容',
        safe: '没有丢失任何内容。',
        advice:
          '隐私窗口或禁止网站数据会导致这种情况。请允许网站数据，或使用普通窗口，然后重新加载。',
      };
    case 'quota_exceeded':
      return {
        title: '这台设备没有空间了',
        safe: KEPT,
        advice:
          '在有空间之前，新的内容不会被保存。请释放一些磁盘空间；再次选择同一文件即可继续导入，不会重复计算。',
      };
    case 'store_corrupt':
      return {
        title: '无法读取保存的历史',
        safe: '你导出的文件不受影响。',
        advice: '请在浏览器中清除本站数据，然后再次导入。',
      };
    case 'out_of_memory':
      return {
        title: '这个标签页内存不足',
        safe: KEPT,
        advice: '请关闭其他标签页，然后重新加载。',
      };
    default:
      return {
        title: at === null ? '出了问题' : `出了问题，位置：${at}`,
        safe: KEPT,
        advice: '请重新加载页面。如果再次发生，请附上下面的文字报告。',
      };
  }
}

function timeLeft(seconds: number): string {
  if (seconds < 1.5) return '还剩约一秒';
  if (seconds < 90) return `还剩约 ${number.format(Math.ceil(seconds))} 秒`;
  return `还剩约 ${number.format(Math.round(seconds / 60))} 分钟`;
}

export const zh: typeof en = {
  appName: 'Ossicle',
  bytes,
  opening: '正在准备 Ossicle',
  openingBytes: (loaded: number, total: number) => `${bytes(loaded)}，共 ${bytes(total)}`,
  openingOnce: '只需一次：之后即使没有网络也能打开。',
  details: '引擎的原话',
  reload: '重新加载',
  nothingLeft: '没有任何内容离开这台设备',

  footer: {
    catalogue: ({ artists: n, source, licence }: CatalogueSummary) =>
      `目录：${artists(n)}。${source.replace(/\.$/, '')}。${licence.replace(/\.$/, '')}。`,
    build: ({ variant, reason }: Engine['build']) =>
      `引擎：WebAssembly 中的 C++，${variant === 'relaxed' ? 'relaxed SIMD' : 'SIMD'}（${reason.replace(/\.$/, '')}）。`,
  },

  welcome: {
    title: '从你已经在听的，发现你还不认识的艺人',
    lead: '把你从音乐服务导出的历史交给 Ossicle。它在这个标签页里读取，保存在这台设备上，不会发送到任何地方。',
    drop: '把导出文件拖到这里',
    dropHere: '松手即可读取',
    kinds: 'ListenBrainz · Last.fm · Spotify · Apple Music · YouTube Music',
    choose: '选择文件',
    sample: '用示例历史试一试',
    sampleHint: '一位虚构的听众，让你先看看。不会保存任何内容。',
    howTitle: '从哪里得到文件',
    how: [
      { name: 'ListenBrainz', text: '设置，然后“导出数据”。下载的 zip 可直接使用。' },
      {
        name: 'Last.fm',
        text: 'Last.fm 没有导出按钮；任何“Last.fm to CSV”工具，或 user.getRecentTracks 的 JSON 都可以。',
      },
      {
        name: 'Spotify',
        text: '账户，隐私，“下载你的数据”：账户数据或完整收听历史，zip 无需改动。',
      },
      {
        name: 'Apple Music',
        text: '从“音乐”或 iTunes 导出的资料库 XML，或数据请求中的“Apple Media Services”。',
      },
      { name: 'YouTube Music', text: 'Google Takeout，YouTube，JSON 或 HTML 格式的历史记录。' },
    ],
  },

  importing: {
    title: (name: string) => `正在读取 ${name}`,
    bytes: ({ readBytes, totalBytes }: ImportProgress) =>
      totalBytes > 0 ? `${bytes(readBytes)}，共 ${bytes(totalBytes)}` : bytes(readBytes),
    listens: ({ listens: n, matched }: ImportProgress) =>
      `${listens(n)}，其中 ${number.format(matched)} 次属于目录中的艺人`,
    timeLeft,
    starting: '开始',
    finishing: '正在了解你的品味',
    stop: '停止',
    stopHint: '已读取的内容会保留。',
  },

  sampleName: '示例历史',
  sample: {
    title: '你看到的是一位虚构的听众',
    text: '它只存在于这个标签页的内存中。随时可以把你自己的导出文件拖到这里。',
    leave: '离开示例',
  },

  report: {
    matched: ({ matchedListens, listens: n }: ImportReport) =>
      n === 0
        ? '这个文件里没有播放记录'
        : `${listens(n)}中有 ${number.format(matchedListens)} 次属于目录中的艺人`,
    added: ({ added, duplicates }: ImportReport) =>
      duplicates === 0
        ? `新增 ${listens(added)}。`
        : `新增 ${listens(added)}；${number.format(duplicates)} 次已经存在，只计一次。`,
    artists: ({ artists: all, matchedArtists }: ImportReport) =>
      `${artists(all)}中有 ${number.format(matchedArtists)} 位按名字匹配。`,
    unmatchedTitle: ({ artists: all, matchedArtists }: ImportReport) =>
      `${artists(all - matchedArtists)}不在目录中`,
    unmatchedMost: '其中播放最多的：',
    unmatchedNote: '它们同样会保存，等目录认识它们时就会计入。',
    problemsTitle: (n: number) => `关于这个文件，有 ${number.format(n)} 点需要知道`,
    problem: (kind: ImportProblemKind, n: number, line: number) => {
      if (line === 0) return `${problemKinds[kind](n)}。`;
      return `${problemKinds[kind](n)}（${n === 1 ? '' : '第一条在'}第 ${number.format(line)} 行）。`;
    },
    stoppedTitle: (n: number) => `已停止。已读取并保留 ${listens(n)}`,
    stoppedText: '再次导入同一文件即可继续：不会重复计算。',
    dismiss: '关闭这份报告',
  },

  list: {
    title: '为你推荐',
    titlePopular: '目录中听得最多的',
    nothingMatchedTitle: '目录里还没有你的艺人',
    nothingMatchedText: (profile: ProfileSummary) =>
      `你的历史已保存（${number.format(profile.events)} 条），但起始目录不认识其中的艺人，所以还没有依据。下面是多数人在听的：喜欢一两位，列表就成为你的。`,
    empty: '没有可以推荐的了',
    emptyText: '目录能提供的，你都听过、喜欢过或屏蔽过了。可以在“你的选择”中撤回一些。',
    popular: (listeners: number) => `目录数据中有 ${number.format(listeners)} 人在听。`,
    because,
    why: '究竟为什么？',
    love: (name: string) => `喜欢 ${name}`,
    skip: (name: string) => `暂不：30 天内不再推荐 ${name}`,
    ban: (name: string) => `不再显示 ${name}`,
    loveTip: '喜欢',
    skipTip: '暂不',
    banTip: '不再显示',
    actions: (name: string) => `你觉得 ${name} 怎么样？`,
    updated: (n: number) => `列表中有 ${artists(n)}。`,
  },

  why: {
    caption: (name: string) => `是什么在为 ${name} 说话，你认识的每位艺人各占多少`,
    loading: '正在计算',
    share,
    plays: (reason: Reason) => {
      const { plays, loved } = reason;
      const parts =
        plays > 0 ? [`播放过 ${number.format(plays)} 次`, lastIn(reason)] : ['没有播放过'];
      if (loved) parts.push('喜欢');
      return parts.filter((part) => part !== '').join('，');
    },
    without,
    against: '持反对意见',
    more: (n: number, part: number) => `另外 ${artists(n)}占其余的 ${share(part)}。`,
    exact: '这不是估计：分数被拆成各项，“没有它”是删去这位艺人后重新求解你的画像。',
  },

  choice: {
    said: ({ kind, undo, artist }: Choice): string => {
      switch (kind) {
        case 'love':
          return `你喜欢 ${artist.name}。列表现在更偏向这个方向。`;
        case 'skip':
          return `${artist.name} 在 30 天内不再出现。`;
        case 'ban':
          return `${artist.name} 不再显示。`;
        case 'clear':
          return undo === 'ban' ? `${artist.name} 可以再次出现。` : `你不再喜欢 ${artist.name}。`;
      }
    },
    undo: '撤销',
    dismiss: '关闭这条消息',
  },

  aside: {
    historyTitle: '你的历史',
    stored: ({ events, eventsInCatalogue }: ProfileSummary) =>
      `${number.format(events)} 条（播放和你的选择），其中 ${number.format(eventsInCatalogue)} 条属于目录中的艺人。`,
    known: ({ artists: n }: ProfileSummary) =>
      n === 0 ? '其中还没有目录里的艺人。' : `你认识目录中的 ${artists(n)}。`,
    span: ({ firstEventAt, lastEventAt }: ProfileSummary) =>
      firstEventAt && lastEventAt
        ? `从${month.format(firstEventAt)}到${month.format(lastEventAt)}。`
        : '',
    add: '添加另一份导出',
    choicesTitle: '你的选择',
    noChoices: '你喜欢或屏蔽的会列在这里，可以撤回。',
    loved: (n: number) => `喜欢的（${number.format(n)}）`,
    banned: (n: number) => `不再显示的（${number.format(n)}）`,
    takeBackLove: (name: string) => `不再喜欢 ${name}`,
    takeBackBan: (name: string) => `重新显示 ${name}`,
  },

  privacy: {
    title: '隐私',
    stored: ({ storedBytes }: ProfileSummary, sample: boolean) =>
      sample
        ? '这段虚构的历史只在内存中。'
        : storedBytes === null
          ? '你的历史保存在这个浏览器中，已加密。'
          : `${bytes(storedBytes)} 保存在这个浏览器中，用无法导出的密钥加密。`,
    left: '离开的内容：没有。',
    showProof: '查看证据',
    proofRule: (origin: string) =>
      `页面还要求你的浏览器拒绝 ${origin} 之外的任何地址，对页面和引擎都是如此（内容安全策略：connect-src 'self'）。`,
    erase: '全部删除',
    eraseSure:
      '这会从这台设备的每个打开的标签页中删除你的历史、选择、音乐库和设置。你的音乐文件和页面自身的文件会保留。无法撤销。',
    eraseNow: '立即删除',
    eraseKeep: '保留',
    erased: '已删除。这里不再保存任何关于你的内容。',
  },

  dropAnywhere: '松手即可读取这个文件',
  problem: told,
};
