/** The words of the app around the engine's own, in Chinese. The shape is that of en-app.ts. */
import type { Reason } from 'ossicle';
import type { ScanProgress, SourceErrorCode, SourceInfo } from '../sources/types.ts';
import type { enApp } from './en-app.ts';
import { zhPrivacy } from './zh-privacy.ts';

const number = new Intl.NumberFormat('zh-CN');

function hours(ms: number): string {
  const all = Math.round(ms / 60000);
  return all < 90 ? `${all} 分钟` : `${number.format(Math.round(all / 60))} 小时`;
}

function minutes(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const sourceProblems: Readonly<Record<SourceErrorCode, string>> = {
  bad_address: '这不是一个地址。例如 music.example.org 或 http://192.168.1.5:4533。',
  unreachable: '服务器没有回应。地址正确吗？它在运行吗？',
  timeout: '服务器太久没有回应。请再试一次。',
  server_error: '服务器返回了自己的错误。请稍后再试。',
  wrong_password: '服务器不认识这个名字和密码。',
  token_refused: '服务器要求直接得到密码，而 http 会让他人读到：请使用 https 或 API 密钥。',
  not_allowed: '服务器不允许这个账户这样做。',
  not_found: '这个地址没有 Subsonic 服务器。',
  bad_answer: '回应的不是 Subsonic 服务器。',
  mixed_content: '通过 https 打开的页面不能访问 http 服务器。请使用服务器的 https 地址。',
  no_relay: '页面中与服务器通信的部分还没有运行。请重新加载页面。',
  permission: '需要再次得到浏览器的允许才能读取这个文件夹。',
  files_gone: '文件只在那一次访问中可用。请再次选择文件夹。',
  folder_gone: '文件夹不在原来的位置了。曲目仍然保留在列表里；放回原处后再查找变化，或在这里移除。',
  unknown_source: '这个来源已经不在了。',
  unknown_track: '这首曲目已经不在了。',
  quota_exceeded: '这台设备没有空间了。请释放一些再继续：没有丢失任何内容。',
  store_unavailable: '浏览器不允许在此保存内容。请使用普通窗口。',
};

/** "喜欢 Wren & Alder，播放过 Radiohead" */
function causes(reasons: readonly Reason[]): string {
  const named = (loved: boolean): string =>
    reasons
      .filter((reason) => reason.loved === loved)
      .map(({ artist }) => artist.name)
      .join('、');
  const [loved, played] = [named(true), named(false)];
  return [loved && `喜欢 ${loved}`, played && `播放过 ${played}`].filter(Boolean).join('，');
}

export const zhApp: typeof enApp = {
  count: (n, one) => `${number.format(n)} ${one}`,
  minutes,
  hours,

  nav: {
    label: '页面',
    home: '首页',
    library: '音乐库',
    search: '搜索',
    playlists: '歌单',
    taste: '品味',
    privacy: '隐私',
    skip: '跳到内容',
  },

  start: {
    title: '播放你的音乐。Ossicle 在这里了解你的喜好，也只在这里。',
    folder: '我的文件夹',
    folderText: '这台设备上的音乐文件，就地读取。',
    server: '我的服务器',
    serverText: 'Navidrome、Gonic 或其他 Subsonic 服务器。',
    demo: '演示专辑',
    demoText: '八种风格的四十首小曲，听听它如何工作。',
    history: '或者从你以前听过的开始',
  },

  home: {
    forYou: '来自你的音乐库',
    forYouText: '你自己的曲目，按你的品味排列。',
    rediscover: '重新发现',
    rediscoverText: '你喜欢过，但有一阵没有播放了。',
    unplayed: '还没听过',
    unplayedText: '在你的音乐库中，从未播放。',
    moreLike: (name) => `更多像 ${name} 的`,
    moreLikeText: '接近你最近播放的艺人。',
    adventurous: '探索',
    adventurousText: '少有人知、却适合你的艺人。',
    playAll: '全部播放',
    notInLibrary: '不在你的音乐库中',
    because: (reasons, tags) =>
      reasons.length > 0
        ? `因为你${causes(reasons)}${tags.length > 0 ? `（${tags.join('、')}）` : ''}。`
        : tags.length > 0
          ? `在词语上接近你的品味：${tags.join('、')}。`
          : '接近你的整体品味。',
    fresh: '播放点什么：这一栏会马上学习。',
  },

  library: {
    title: '音乐库',
    empty: '这里还没有内容',
    emptyText: '添加文件夹、服务器或演示专辑。',
    sources: '来源',
    counts: (tracks, albums, ms) =>
      `${number.format(tracks)} 首曲目，${number.format(albums)} 张专辑，${hours(ms)}`,
    filter: '筛选',
    order: '排序',
    orders: {
      album: '专辑',
      title: '标题',
      artist: '艺人',
      addedAt: '最新',
      durationMs: '长度',
      year: '年份',
    },
    trackTitle: '标题',
    artist: '艺人',
    album: '专辑',
    length: '长度',
    tracks: '曲目',
    playFrom: (title) => `播放 ${title}`,
    add: '添加',
    addFolder: '添加文件夹',
    addServer: '添加服务器',
    addDemo: '添加演示专辑',
    scan: '查找变化',
    remove: (name) => `移除 ${name}`,
    allow: '再次允许',
    choose: '再次选择文件夹',
    problems: (n) => `${number.format(n)} 个文件没有正确读取`,
    sourceOf: ({ name, kind, tracks }: SourceInfo) =>
      `${kind === 'demo' ? '演示专辑' : name}：${number.format(tracks)} 首`,
    scanning: (name, { stage, done, total }: ScanProgress) =>
      stage === 'looking'
        ? `正在查看 ${name}：目前 ${number.format(total)} 个文件`
        : `正在读取 ${name}：${number.format(done)} / ${number.format(total)}`,
    encoding: (done, total) => `正在了解你的曲目：${number.format(done)} / ${number.format(total)}`,
    stopEncoding: '停止了解',
    encodingStopped: '还有曲目没有了解。已了解的会保留，其余的在下次打开时继续。',
    goOn: '现在继续',
    stop: '停止',
    nothing: '没有找到',
    sourceProblem: (code) => sourceProblems[code],
  },

  server: {
    title: '添加服务器',
    text: '名字和密码加密保存在这台设备上，只会询问这台服务器。',
    address: '地址',
    user: '名字',
    password: '密码',
    connect: '连接',
    cancel: '取消',
    connecting: '正在询问服务器',
  },

  search: {
    title: '搜索',
    label: '按名字或用你自己的话搜索',
    hint: '“sad piano at night”、“悲伤的钢琴曲”，或一个名字',
    yours: '在你的音乐库中',
    catalogue: '目录中的艺人',
    nothing: (query) => `没有找到“${query}”`,
    meaning: '在目录中也按含义搜索',
    meaningText: '第一次需要几十秒；你的音乐库已经可以。',
    preparing: (done, total) => `正在读取 ${number.format(done)} / ${number.format(total)} 位艺人`,
  },

  playlists: {
    title: '歌单',
    lead: '用你自己的音乐，或用值得发现的艺人：从一首通向另一首，平静或热烈，熟悉或大胆。',
    from: '从',
    to: '到',
    anyone: '任意',
    clearEnd: (label) => `${label}：任意`,
    openEnds: (label) => `${label}：显示选项`,
    artistOf: (tracks) => `艺人，${number.format(tracks)} 首`,
    mood: '平静还是热烈',
    shapes: {
      off: '顺其自然',
      calm: '平静',
      lively: '热烈',
      rising: '由静到动',
      falling: '由动到静',
      arc: '起伏',
      own: '手绘',
    },
    points: '拖动圆点，或使用方向键',
    point: (i, all) => `第 ${i} 点，共 ${all} 点`,
    liveliness: (value) => `热烈程度 ${Math.round(value * 100)}%`,
    livelyEnd: '热烈',
    calmEnd: '平静',
    length: '长度',
    adventure: '从熟悉到冒险',
    make: '生成歌单',
    again: '换一份',
    own: '我的音乐',
    artists: '新艺人',
    reading: (done, total) =>
      `正在了解艺人有多热烈：${number.format(done)} / ${number.format(total)} 个标签`,
    fewer: (n) => `这份歌单只有 ${number.format(n)} 首可用。`,
    badEnds: '这两端无法组成歌单：它们相同，或其中之一被屏蔽。',
    titleOf: (from, to, shape) =>
      from !== null && to !== null
        ? `从 ${from} 到 ${to}`
        : from !== null
          ? `从 ${from} 开始`
          : to !== null
            ? `通向 ${to}`
            : (shape ?? '新歌单'),
    saved: '你的歌单',
    holds: (tracks, artists, ms) =>
      [
        ...(tracks > 0 || artists === 0 ? [`${number.format(tracks)} 首`] : []),
        ...(artists > 0 ? [`${number.format(artists)} 位艺人`] : []),
        ...(ms > 0 ? [hours(ms)] : []),
      ].join(' · '),
    delete: (name) => `删除 ${name}`,
    gone: {
      deleted: (name) => `“${name}”已删除。`,
      removed: (name) => `“${name}”已移出。`,
    },
    fine: '关闭',
    openList: '打开的歌单',
    name: '歌单名称',
    close: '关闭歌单',
    play: '播放',
    keep: '保留这份歌单',
    kept: '保存在这台设备上',
    nothingLeft: '这份歌单是空的。',
    moveUp: (name) => `上移 ${name}`,
    moveDown: (name) => `下移 ${name}`,
    movedTo: (name, place) => `${name} 现在是第 ${place} 项。`,
    remove: (name) => `移出 ${name}`,
    add: '添加到歌单',
    addNew: '新歌单',
    added: (title) => `已添加到“${title}”。`,
    empty: '生成或打开一份歌单，它会出现在这里。',
    open: '打开 JSPF 文件',
    openText: '也可以把文件拖到页面上。其他播放器也能读写这种文件。',
    badFile: (why) => `文件没有打开。${why} 你的歌单没有变化。`,
    save: '保存为',
    opened: (found, all) =>
      `${number.format(all)} 首中有 ${number.format(found)} 首在你的音乐库中。`,
    unread: (n) => `文件中有 ${number.format(n)} 首无法读取。`,
  },

  taste: {
    title: '品味',
    nothing: '播放、喜欢或导入一些内容，你的品味就会显示在这里。',
    loves: '你喜欢的',
    words: '用词语说',
    wordsText: '最常推荐给你的艺人的标签，按权重排列。',
    strongest: '声音最大的',
    strongestText: '你的历史中，推荐所依据的艺人。',
  },

  privacy: zhPrivacy,

  player: {
    label: '播放器',
    nothing: '没有在播放',
    play: '播放',
    pause: '暂停',
    next: '下一首',
    previous: '上一首',
    seek: '位置',
    volume: '音量',
    mute: '静音',
    open: '完整显示正在播放的内容',
    close: '关闭',
    queue: '队列',
    lyrics: '歌词',
    noLyrics: '这首曲目没有歌词。',
    whyThis: '为什么是它',
    radio: '电台：继续播放合适的曲目',
    failed: (title) => `“${title}”无法播放，已跳过。`,
    noSound: '浏览器找不到播放声音的设备。请连接扬声器或耳机，然后按播放。',
  },
};
