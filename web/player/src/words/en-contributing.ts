/** The words of contributions, in English. */
import type { ContributionPhase, PrivacyLedger, RoundFacts } from 'ossicle';
import type { ContributionProblem } from '../state/contribution-problem.ts';

const number = new Intl.NumberFormat('en-GB');
const fine = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 2 });
const moment = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short' });
const count = (n: number, one: string, many: string): string =>
  `${number.format(n)} ${n === 1 ? one : many}`;
/** Of a hundred pairs, those that a test gets right. */
const right = (auc: number): string => number.format(Math.round(100 * auc));

const phases: Readonly<Record<ContributionPhase, string>> = {
  off: 'Nothing is sent.',
  no_round: 'There is nothing to send now. A new round is looked for about once a day.',
  waiting: 'Your report is not made yet. Its moment is drawn; until then you can switch this off.',
  sending:
    'Your report is on its way. It counts as spent, and the very same bytes are sent again until the server says that it has them.',
  sent: 'This round has your report. Nothing more is sent in it.',
  spent: 'The budget of the year is used up. Nothing is sent until a part of it is free again.',
  too_dear: 'This round adds less noise than Ossicle asks for, so nothing is sent in it.',
  lost: 'What was spent cannot be read any more, so nothing is sent again from this browser.',
};

const problems: Readonly<Record<ContributionProblem, string>> = {
  noAnswer:
    'The server did not answer. Nothing is lost: it is asked again later, and the same report counts once.',
  over: 'The round ended before the report arrived, so it was not counted. It stays in the budget as spent.',
  early:
    'The server does not know of the round yet. The same report is sent again later; if that goes on, look whether the clock of this device is right.',
  unverified:
    'What the server asks for could not be verified, so nothing was sent. It is tried again later.',
  unstored:
    'The browser lets nothing be written down here, and a report has to be before it is sent. So nothing was sent.',
  otherVectors:
    'What the server asks for is about other item vectors than those in use here. Fetch the newest ones first.',
  otherCatalogue:
    'The round is about other artists than those that are in use here. Fetch newer item vectors first.',
  token:
    'A report needs a one-time token, which the server did not give or did not take. Another one is asked for later.',
  elsewhere:
    'This round would have a report sent, or a token asked for, at another address than this page’s own, which is the only one that it may ask. So nothing is sent in it.',
  noTokens:
    'Whoever goes online the way you do has had all one-time tokens of this round, and a report needs one. So nothing is sent in it.',
  invited:
    'This round is for those who were invited. Nothing is sent before you type in the code that you were given.',
  unknownCode: 'The server does not know this code. Look at it again.',
  spentCode: 'This code has had its token already. Ask for another one.',
  browser: 'This browser cannot seal a report; a newer one can. Nothing was sent or spent.',
  version: 'The server asks for other reports than this page makes. Reload the page to update it.',
  refused:
    'The server refused the report, so it was not counted. It stays in the budget as spent. Ask who runs the server.',
};

export const enContributing = {
  never:
    'Nothing is contributed from here: only Ossicle’s player can do that, and only if you switch it on there. So nothing is sent, and this stays off.',
  text: 'Helps item vectors to get better, for everybody. Switched on, this page sends a little about your taste in each round, which is added up with that of many others before anybody reads it. You see first what that means and exactly what would be sent.',
  unasked:
    'Not every address that has this page asks for contributions, and it is not asked before you say so.',
  ask: 'Ask whether it does',
  asking: 'Asking…',
  there: 'It may. Switch this on to read what it would mean: nothing is sent before you agree.',
  none: 'This page comes from an address that asks for none: it has the files of the page only. So this cannot be switched on, and nothing is sent.',
  unreachable: 'This page’s server did not answer, so this cannot be switched on now.',

  title: 'What it means to contribute',
  lead: 'Nothing is sent before you agree below. You lose nothing if you do not: newer vectors are the same for everybody.',
  reading: 'Reading what the server asks for…',
  noRound:
    'The server asks for nothing now, so there is nothing to agree to. Come back another day: what it asks for then is shown here first.',
  sent: 'What is sent',
  sentText: (round: RoundFacts | null, bytes: string | null) =>
    `In each round one table: of at most 20 artists that you listen to, out of ${
      round === null
        ? 'a block of well-known artists'
        : `one of ${count(round.blocks, 'block', 'blocks')} of ${number.format(round.rows)} well-known artists`
    } that is picked by chance. It says who they are, and the direction of your taste as a whole. No play, no title and no date is in it, and nothing that you left out of learning. It always has the same size${
      bytes === null ? '' : `, ${bytes}`
    }, also when you listened to nothing.`,
  protection: 'How it is protected',
  protectionText: (round: RoundFacts | null) =>
    `The table is split in two halves that are nothing but random numbers by themselves. Each is sealed to one of two aggregators, with a proof that the table weighs no more than anyone’s may. They add up everybody’s halves, add noise, and publish the noisy sum and nothing else${
      round === null
        ? ''
        : `; of a block with fewer than ${count(round.minBatch, 'report', 'reports')}, nothing at all`
    }.`,
  cost: 'What it costs',
  costText: ({ oneEpsilon, oneAuc, mostReports, mostEpsilon, mostAuc }: PrivacyLedger) =>
    `The noise hides whether you took part, but not perfectly. Shown you and somebody who did not, the best test that there can be picks you ${right(oneAuc)} times in 100 after one report, and ${right(mostAuc)} times after the ${number.format(mostReports)} of a year, which are never exceeded; guessing picks you 50 times. As it is proven: ε is ${fine.format(oneEpsilon)} and ${fine.format(mostEpsilon)}, at δ = 10⁻⁸.`,
  when: 'When',
  whenText:
    'Once in each round, at a moment that is drawn by chance and has nothing to do with when you listen. This page has to be open; if it is not, it is done some minutes after you open it. Never from a tab that is in a private session.',
  limits: 'What it does not protect you from',
  oneHost: (host: string) =>
    `Both aggregators are at ${host}. Whoever runs it can put your two halves together and read your table: which of these artists you listen to. Against them neither halves nor noise protect you. Contribute only if you would tell them that yourself.`,
  twoHosts: (a: string, b: string) =>
    `The aggregators are at ${a} and ${b}. If one operator runs both, or if they work together, they can read your table, and nothing here can tell whether they do.`,
  noHosts:
    'Who adds up is known when a round is open, and then stands here. If one operator runs both aggregators, that operator can read your table: against them neither halves nor noise protect you.',
  tokens: (host: string) =>
    `Each report needs a one-time token from ${host}. It is blinded, so that it does not say whose it is; but whoever sees both being asked for could compare addresses and times.`,
  recall: 'What was added up cannot be taken out again: not by switching this off, and by nobody.',
  few: 'Where few take part, nothing is learnt. In our simulations 3,000 reports in a round gained nothing, and 120,000 a little over a third of what can be gained.',
  lies: 'Others may send lies. One-time tokens limit how many reports somebody sends, and a proof shows that each of them weighs no more than anyone’s may. Nobody can check whether what a report says is true.',
  erasing:
    'To erase what is stored here also forgets what was spent. If you do that, do not contribute again within a year: the figures above would not hold.',
  agree: 'Contribute',
  decline: 'Not now',
  noAnswer: 'This page’s server did not answer.',
  unverified: 'What the server asks for could not be verified.',
  elsewhere: (host: string) =>
    `This page may ask its own address only, and the first aggregator is at ${host}. So a report could not be sent from here, and you cannot agree to it.`,
  tokensElsewhere: (host: string) =>
    `This page may ask its own address only, and the one-time tokens are given out at ${host}. So a report could not be sent from here, and you cannot agree to it.`,
  unreadable: 'So what would be sent cannot be shown, and you cannot agree to it now.',
  tryAgain: 'Try again',

  show: 'Show exactly what would be sent',
  hide: 'Hide what would be sent',
  nothingToShow:
    'The server asks for nothing now, so nothing would be sent. When a round is open, it is shown here.',
  anew: {
    first:
      'Made for you to read, and sent to nobody. When its moment comes, the report is made anew: of a block that is drawn again, and with your taste as it is then.',
    waiting:
      'Made for you to read, and sent to nobody. When its moment comes, the report is made anew: of the same block, with your taste as it is then.',
    made: 'The report of this round is made already. So would it be if it were made now; this one is sent to nobody.',
    none: 'There will be no report of this round any more. So would one be if it were made now; this one is sent to nobody.',
  },
  block: (block: number, { blocks, rows }: RoundFacts) =>
    `Block ${number.format(block + 1)} of ${number.format(blocks)}, drawn by chance: ${number.format(rows)} artists.`,
  says: (artists: number, factors: number) =>
    `You listen to ${number.format(artists)} of them, the table says, with the same numbers for each: the direction of your taste in ${number.format(factors)} numbers, and a count.`,
  rest: (rows: number) =>
    `${count(rows, 'row', 'rows')} of zeros: nothing is said of those artists.`,
  saysNothing: (rows: number) =>
    `You listen to none of them, as far as Ossicle knows. All ${number.format(rows)} rows are zeros, and the report is as large as any other.`,
  table: 'The table',
  tableText: (bytes: number) =>
    `${number.format(bytes)} bytes. No aggregator sees it: it is what both would have together. Rows of zeros are left out below.`,
  halfA: 'Half A',
  halfAText: (bytes: number) => `${number.format(bytes)} random bytes, for the first aggregator.`,
  halfB: 'Half B',
  halfBText: (bytes: number) =>
    `${number.format(bytes)} random bytes, for the second aggregator, which makes as many random numbers of them as A has. Both together are the table.`,
  proof: 'The proof',
  proofText: (a: number, both: number) =>
    `A proof that the table weighs no more than anyone’s may, so that nobody counts for more in the sums. It says nothing else about the table. ${number.format(a)} bytes go with half A, and ${number.format(both)} with each half; the aggregators check it together, before they add your halves up.`,
  proofForA: 'With half A',
  proofForBoth: 'With half A and half B',
  sealed: (bytes: number) =>
    `Sealed, so that each aggregator can open only its own half and what goes with it, the report has ${number.format(bytes)} bytes, whatever is in it.`,
  saveTable: 'Save the table',
  saveHalf: (half: string) => `Save half ${half}`,
  saveProof: 'Save the proof',

  phases,
  problems,
  code: 'Code of the invitation',
  useCode: 'Use this code',
  codeText:
    'It goes to the server, for a one-time token. The token is blinded: it does not say which code it was given for. Whoever runs the server could still compare addresses and times.',
  paused:
    'A private session is on: nothing is made or sent until it ends. That holds in this tab; another one knows nothing of it.',
  turningOn: 'Drawing a moment…',
  turningOff: 'Switching off…',
  round: ({ epoch, closes }: RoundFacts) =>
    `Round ${number.format(epoch)}, open until ${moment.format(closes)}.`,
  due: (at: Date) =>
    `Made and sent on ${moment.format(at)} if this page is open, or else some minutes after you open it.`,
  lastSent: (at: Date) => `Last sent on ${moment.format(at)}.`,
  oneHostShort: (host: string) =>
    `Both aggregators are at ${host}: whoever runs it can read your table.`,
  hosts: (a: string, b: string) => `Added up at ${a} and ${b}.`,
  ledger: ({ reports, mostReports, epsilon, mostEpsilon }: PrivacyLedger) =>
    `${number.format(reports)} of ${count(mostReports, 'report', 'reports')} in a year: ε ${fine.format(epsilon)} of at most ${fine.format(mostEpsilon)}.`,
  off: 'Nothing is sent any more. What was added up stays in the sums.',

  sentence: 'Nothing has left this device but sealed statistics.',
  sentenceServer:
    'Nothing has left this device but what your own server was asked, and sealed statistics.',
  footer: 'What has left this device',
  aside: 'What left: sealed statistics.',
  leftOff: 'Nothing: no contribution, 0 bytes.',
  leftSome: (reports: number, at: Date | null) =>
    at === null
      ? `${count(reports, 'report', 'reports')} made within a year; none is known to have arrived.`
      : `${count(reports, 'contribution', 'contributions')} within a year, the last on ${moment.format(at)}. What was made and never acknowledged is counted, too.`,
  leftTable: ({ rows, factors }: RoundFacts) =>
    `Each is a sealed table of ${number.format(rows * (factors + 1))} numbers, always equally large, about at most 20 artists. Nobody but both of its aggregators together can read it.`,
  budgetName: (spent: number, most: number) =>
    `${number.format(spent)} of ${number.format(most)} contributions this year`,
  budgetText: ({ epsilon, mostEpsilon, mostAuc, mostReports }: PrivacyLedger) =>
    `Proven so far: ε ${fine.format(epsilon)}. With all ${number.format(mostReports)}, ε ${fine.format(mostEpsilon)}: the best test of whether you took part would be right ${right(mostAuc)} times in 100, guessing 50 times.`,
  record: 'Record of contributions',
  recordText: (reports: number) =>
    `Whether you agreed, and ${count(reports, 'report that counts', 'reports that count')} against the budget of a year.`,
  requests:
    'None of it has any of your data with it but the sealed reports that you agreed to, and the code of an invitation if you typed one in.',
  requestsServers:
    'What went to this page’s own address has none of your data with it but the sealed reports that you agreed to, and the code of an invitation if you typed one in.',
};
