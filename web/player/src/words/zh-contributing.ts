/** The words of contributions, in Chinese. */
import type { ContributionPhase } from 'ossicle';
import type { ContributionProblem } from '../state/contribution-problem.ts';
import type { enContributing } from './en-contributing.ts';

const number = new Intl.NumberFormat('zh-CN');
const fine = new Intl.NumberFormat('zh-CN', { maximumFractionDigits: 2 });
const moment = new Intl.DateTimeFormat('zh-CN', { dateStyle: 'long', timeStyle: 'short' });
/** Of a hundred pairs, those that a test gets right. */
const right = (auc: number): string => number.format(Math.round(100 * auc));

const phases: Readonly<Record<ContributionPhase, string>> = {
  off: '不会发送任何内容。',
  no_round: '现在没有可发送的。大约每天会寻找新的一轮。',
  waiting: '你的报告还没有生成。发送时刻已经抽定；在那之前你可以关闭此开关。',
  sending: '你的报告正在发送。它已计入预算；在服务器确认收到之前，会重发完全相同的字节。',
  sent: '这一轮已有你的报告，不会再发送。',
  spent: '一年的预算已用完。在其中一部分重新可用之前，不会发送任何内容。',
  too_dear: '这一轮加入的噪声少于 Ossicle 的要求，因此不会发送任何内容。',
  lost: '已用预算的记录无法读取，因此这个浏览器不会再发送任何内容。',
};

const problems: Readonly<Record<ContributionProblem, string>> = {
  noAnswer: '服务器没有回应。没有丢失任何内容：稍后会再试，同一份报告只计一次。',
  over: '报告到达之前这一轮已经结束，因此没有计入。它仍算作已用预算。',
  early: '服务器还不知道这一轮。稍后会再发送同一份报告；如果一直如此，请检查这台设备的时钟。',
  unverified: '服务器征集的内容无法验证，因此没有发送任何内容。稍后会再试。',
  unstored: '浏览器不允许在这里记录，而报告在发送之前必须先记录。因此没有发送任何内容。',
  otherVectors: '服务器征集的是关于另一套向量的，与这里使用的不同。请先获取最新的向量。',
  otherCatalogue: '这一轮是关于另一批艺人的，与这里使用的不同。请先获取更新的向量。',
  token: '报告需要一次性令牌，而服务器没有给出或没有接受。稍后会再申请一个。',
  elsewhere:
    '这一轮要向此页面自己的地址之外发送报告或申请令牌，而此页面只能访问自己的地址。因此这一轮不会发送任何内容。',
  noTokens:
    '与你以同样方式上网的人已用完这一轮的一次性令牌，而报告需要一个。因此这一轮不会发送任何内容。',
  invited: '这一轮只面向受邀的人。在你输入收到的邀请码之前，不会发送任何内容。',
  unknownCode: '服务器不认识这个邀请码。请再看一遍。',
  spentCode: '这个邀请码已经用过。请再要一个。',
  browser: '这个浏览器无法密封报告，更新的浏览器可以。没有发送，也没有消耗预算。',
  version: '服务器征集的报告与此页面生成的不同。请重新载入页面以更新。',
  refused: '服务器拒绝了报告，因此没有计入。它仍算作已用预算。请询问服务器的运营者。',
};

export const zhContributing: typeof enContributing = {
  never:
    '这里不作任何贡献：只有 Ossicle 播放器可以，而且要你在那里打开。不会发送任何内容，此开关保持关闭。',
  text: '让向量对所有人都变得更好。打开后，此页面在每一轮发送一点关于你品味的内容，它会先与许多人的加在一起，之后才有人能读。你会先看到这意味着什么，以及究竟会发送什么。',
  unasked: '并非每个提供此页面的地址都征集贡献；在你同意之前不会询问。',
  ask: '询问是否征集',
  asking: '正在询问……',
  there: '可能会。打开此开关即可了解其含义：在你同意之前不会发送任何内容。',
  none: '提供此页面的地址不征集贡献：那里只有页面的文件。因此无法打开，不会发送任何内容。',
  unreachable: '此页面的服务器没有回应，现在无法打开。',

  title: '贡献意味着什么',
  lead: '在你于下方同意之前，不会发送任何内容。不同意也没有损失：新版向量对所有人都一样。',
  reading: '正在读取服务器征集的内容……',
  noRound: '服务器现在没有征集，因此没有什么可同意的。改天再来：届时征集的内容会先显示在这里。',
  sent: '会发送什么',
  sentText: (round, bytes) =>
    `每一轮一张表：关于你听过的至多 20 位艺人，取自${
      round === null
        ? '一组知名艺人'
        : ` ${number.format(round.blocks)} 组知名艺人（每组 ${number.format(round.rows)} 位）中的一组`
    }，由抽签决定。它说明他们是谁，以及你整体品味的方向。其中没有播放、曲名和日期，也没有你排除在学习之外的内容。大小总是相同${
      bytes === null ? '' : `（${bytes}）`
    }，即使你什么都没听过。`,
  protection: '如何保护',
  protectionText: (round) =>
    `表被拆成两半，单独一半只是随机数字，分别为两个汇总方密封，并附上一份证明：这张表的分量没有超过对所有人都一样的上限。它们把所有人的各半加起来，加入噪声，只公布带噪声的总和${
      round === null ? '' : `；一组少于 ${number.format(round.minBatch)} 份报告时，什么都不公布`
    }。`,
  cost: '代价是什么',
  costText: ({ oneEpsilon, oneAuc, mostReports, mostEpsilon, mostAuc }) =>
    `噪声会掩盖你是否参与，但并不完美。在你与一位没有参与的人之间，可能存在的最好检验在一份报告之后 100 次中有 ${right(oneAuc)} 次认出你，在一年的 ${number.format(mostReports)} 份（从不超过）之后有 ${right(mostAuc)} 次；瞎猜是 50 次。已证明：δ = 10⁻⁸ 时 ε 为 ${fine.format(oneEpsilon)} 和 ${fine.format(mostEpsilon)}。`,
  when: '何时发送',
  whenText:
    '每一轮一次，时刻由抽签决定，与你何时收听无关。此页面必须打开；如果没有打开，会在你打开它几分钟后进行。处于私密会话的标签页从不发送。',
  limits: '它不能防范什么',
  oneHost: (host) =>
    `两个汇总方都在 ${host}。运营它的人可以把你的两半合在一起，读出你的表：你听这些艺人中的哪些。对他们来说，拆分和噪声都保护不了你。只有当你愿意亲口告诉他们时才贡献。`,
  twoHosts: (a, b) =>
    `汇总方在 ${a} 和 ${b}。如果由同一方运营，或两者合谋，就能读出你的表；这里无法判断他们是否这样做。`,
  noHosts:
    '由谁汇总在一轮开始时才知道，届时会写在这里。如果两个汇总方由同一方运营，对方就能读出你的表：拆分和噪声都保护不了你。',
  tokens: (host) =>
    `每份报告都需要 ${host} 发放的一次性令牌。令牌是盲签的，不会说明它属于谁；但能看到两次请求的人可以比较地址和时间。`,
  recall: '已经加进总和的无法再取出：关闭开关不行，任何人都不行。',
  few: '参与的人少，就学不到什么。在我们的模拟中，一轮 3,000 份报告没有带来任何改进，120,000 份带来略多于三分之一的可能改进。',
  lies: '别人可能会说谎。一次性令牌限制一个人能发送多少份报告，附上的证明保证每份报告的分量不超过对所有人都一样的上限；报告所说的是否属实，没有人能检验。',
  erasing:
    '删除这里保存的内容，也会忘记已用的预算。如果你删除了，一年内请不要再贡献：否则上面的数字不再成立。',
  agree: '贡献',
  decline: '暂不',
  noAnswer: '此页面的服务器没有回应。',
  unverified: '服务器征集的内容无法验证。',
  elsewhere: (host) =>
    `此页面只能访问它自己的地址，而第一个汇总方在 ${host}。因此无法从这里发送报告，你也无法同意。`,
  tokensElsewhere: (host) =>
    `此页面只能访问它自己的地址，而一次性令牌由 ${host} 发放。因此无法从这里发送报告，你也无法同意。`,
  unreadable: '因此无法显示会发送什么，你现在也无法同意。',
  tryAgain: '重试',

  show: '显示究竟会发送什么',
  hide: '隐藏会发送的内容',
  nothingToShow: '服务器现在没有征集，因此不会发送任何内容。一轮开始后会显示在这里。',
  anew: {
    first:
      '这是供你阅读的，没有发送给任何人。时刻到来时报告会重新生成：重新抽取一组，并按你届时的品味。',
    waiting: '这是供你阅读的，没有发送给任何人。时刻到来时报告会重新生成：同一组，按你届时的品味。',
    made: '这一轮的报告已经生成。如果现在生成就会是这样；这一份没有发送给任何人。',
    none: '这一轮不会再有报告。如果现在生成就会是这样；这一份没有发送给任何人。',
  },
  block: (block, { blocks, rows }) =>
    `抽到第 ${number.format(block + 1)} 组，共 ${number.format(blocks)} 组：${number.format(rows)} 位艺人。`,
  says: (artists, factors) =>
    `表中说你听其中的 ${number.format(artists)} 位。每位的数字都一样：用 ${number.format(factors)} 个数字表示的你的品味方向，以及一个计数。`,
  rest: (rows) => `${number.format(rows)} 行是零：对那些艺人什么都没说。`,
  saysNothing: (rows) =>
    `据 Ossicle 所知，你没有听过其中任何一位。全部 ${number.format(rows)} 行都是零，而报告与其他报告一样大。`,
  table: '表',
  tableText: (bytes) =>
    `${number.format(bytes)} 字节。没有汇总方能看到它：它是两者合起来才有的内容。下面省略了全为零的行。`,
  halfA: '一半 A',
  halfAText: (bytes) => `${number.format(bytes)} 个随机字节，给第一个汇总方。`,
  halfB: '一半 B',
  halfBText: (bytes) =>
    `${number.format(bytes)} 个随机字节，给第二个汇总方，由它生成与 A 一样多的随机数字。两者合起来就是表。`,
  proof: '证明',
  proofText: (a, both) =>
    `证明这张表的分量没有超过对所有人都一样的上限，因此没有谁能在总和中占更大的分量。除此之外，它对这张表什么都没说。${number.format(a)} 字节附在一半 A 上，${number.format(both)} 字节附在每一半上；两个汇总方一起检验，之后才把你的两半加进去。`,
  proofForA: '附在一半 A 上',
  proofForBoth: '附在一半 A 和一半 B 上',
  sealed: (bytes) =>
    `密封后每个汇总方只能打开自己的一半及其所附的内容；无论内容是什么，报告都是 ${number.format(bytes)} 字节。`,
  saveTable: '保存表',
  saveHalf: (half) => `保存一半 ${half}`,
  saveProof: '保存证明',

  phases,
  problems,
  code: '邀请码',
  useCode: '使用此邀请码',
  codeText:
    '它会发给服务器，换取一次性令牌。令牌是盲签的：它不会说明是为哪个邀请码发出的。运营服务器的人仍可以比较地址和时间。',
  paused:
    '私密会话已打开：在它结束之前不会生成或发送任何内容。这只对此标签页有效，其他标签页并不知道。',
  turningOn: '正在抽取时刻……',
  turningOff: '正在关闭……',
  round: ({ epoch, closes }) => `第 ${number.format(epoch)} 轮，开放至 ${moment.format(closes)}。`,
  due: (at) => `如果此页面打开着，将于 ${moment.format(at)} 生成并发送；否则在你打开它几分钟后。`,
  lastSent: (at) => `上次发送：${moment.format(at)}。`,
  oneHostShort: (host) => `两个汇总方都在 ${host}：运营它的人能读出你的表。`,
  hosts: (a, b) => `由 ${a} 和 ${b} 汇总。`,
  ledger: ({ reports, mostReports, epsilon, mostEpsilon }) =>
    `一年内 ${number.format(reports)} 份报告，最多 ${number.format(mostReports)} 份：ε ${fine.format(epsilon)}，最多 ${fine.format(mostEpsilon)}。`,
  off: '不再发送任何内容。已经加进总和的会留在总和中。',

  sentence: '除了密封的统计，没有任何内容离开这台设备。',
  sentenceServer: '除了向你自己的服务器请求的内容和密封的统计，没有任何内容离开这台设备。',
  footer: '离开这台设备的内容',
  aside: '离开的内容：密封的统计。',
  leftOff: '没有：没有贡献，0 字节。',
  leftSome: (reports, at) =>
    at === null
      ? `一年内生成 ${number.format(reports)} 份报告；没有一份确知已送达。`
      : `一年内贡献 ${number.format(reports)} 次，最近一次在 ${moment.format(at)}。其中也包括已生成但未获确认的。`,
  leftTable: ({ rows, factors }) =>
    `每次都是一张密封的表，${number.format(rows * (factors + 1))} 个数字，大小总是相同，至多关于 20 位艺人。只有它的两个汇总方合起来才能读出。`,
  budgetName: (spent, most) =>
    `今年贡献 ${number.format(spent)} 次，最多 ${number.format(most)} 次`,
  budgetText: ({ epsilon, mostEpsilon, mostAuc, mostReports }) =>
    `目前已证明：ε ${fine.format(epsilon)}。全部 ${number.format(mostReports)} 次之后为 ε ${fine.format(mostEpsilon)}：判断你是否参与的最好检验 100 次中对 ${right(mostAuc)} 次，瞎猜是 50 次。`,
  record: '贡献记录',
  recordText: (reports) => `你是否同意过，以及计入一年预算的 ${number.format(reports)} 份报告。`,
  requests: '除了你同意发送的密封报告，以及你输入过的邀请码，都没有带上你的任何数据。',
  requestsServers:
    '发往此页面自己地址的请求，除了你同意发送的密封报告，以及你输入过的邀请码，都没有带上你的任何数据。',
};
