/** The words of what is fetched, in Chinese. */
import type { Refusal } from '../state/refusal.ts';
import type { enFetching } from './en-fetching.ts';

const day = new Intl.DateTimeFormat('zh-CN', { dateStyle: 'long' });
const moment = new Intl.DateTimeFormat('zh-CN', { dateStyle: 'long', timeStyle: 'short' });

const refusals: Readonly<Record<Refusal, string>> = {
  none: '此页面的服务器还没有发布过。',
  otherKeys: '此页面的服务器给出的密钥与最初不同，无法判断它是否还是同一个。请询问运营者。',
  unsigned: '并非所有必须签名的人都签了名。',
  unseen: '没有独立的见证者见过它们。',
  stale:
    '服务器所说的最新版是很久以前确认的：更新的版本可能被扣留。如果这台设备的时钟是对的，请询问运营者。',
  rewritten: '服务器对自己发布历史的说法与之前不同。请询问运营者。',
  altered: '服务器发来的不是签过名的内容：途中被改动或截断。',
  malformed: '服务器发来的内容格式不对。',
  tooFar: '它们对艺人的改动超出了 Ossicle 允许的范围。',
  unfit: '这个版本的 Ossicle 无法使用它们。',
};

export const zhFetching: typeof enFetching = {
  never:
    '向量是除标签之外对艺人的了解。在这里它们随 Ossicle 一起提供，新版随 Ossicle 的新版本提供：不会获取任何内容，此开关保持关闭。',
  text: '向量是除标签之外对艺人的了解。打开后，此页面每天向它自己的服务器询问一次新版，时刻是抽签决定的，与你何时收听无关。持有相同向量的每个人请求的内容都一样，不会带上你的任何数据。',
  unasked: '并非每个提供此页面的地址都有新版向量；在你同意之前不会询问。',
  ask: '询问是否有新版',
  asking: '正在询问……',
  there: '有：你可以打开它。',
  none: '提供此页面的地址没有新版向量：那里只有页面的文件。因此无法打开，不会获取任何内容。',
  unreachable: '此页面的服务器没有回应，现在无法打开。',

  inUse: (opened) =>
    opened === null
      ? '正在使用：随此页面提供的向量。'
      : `正在使用：版本 ${opened.epoch}，发布于 ${day.format(opened.publishedAt)}。`,
  checked: (at) => `上次查看：${moment.format(at)}。`,
  next: (at) => `下次查看：${moment.format(at)}，或在你再次打开此页面几分钟后。`,
  off: '现在不会询问。已获取的会继续使用，直到你退回。',
  looking: '正在查看……',
  loading: (loaded, all) => `正在获取：${loaded} / ${all}`,
  goingBack: '正在退回……',
  newest: '没有更新的版本。',
  fetched: (fetched, all) => `已获取并验证新版向量：${all} 中的 ${fetched}。其余已在本地。`,
  verified: (all) => `已验证，无需获取：全部 ${all} 已在本地。`,
  back: '已退回之前的向量。它们会保留，直到出现比你放弃的更新的版本。',
  nextVisit: '从你下次访问开始使用。',
  refused: (refusal) => `${refusals[refusal]}它们已被拒绝，原来使用的保持不变。`,
  noAnswer: '此页面的服务器没有回应。原来使用的保持不变；请稍后再试。',
  gone: '此页面的服务器缺少它应有的内容。原来使用的保持不变；请稍后再试。',
  failed: (title) => `${title}。原来使用的保持不变。`,
  lookNow: '现在查看',
  goBack: '退回之前的向量',
};
