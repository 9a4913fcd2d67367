export const HELP = `Publishes catalogue snapshots in a transparency log, and serves them.

  node web/server/src/main.ts COMMAND [--data FOLDER]     FOLDER: ossicle-data when left out

  init [--origin NAME] [--fresh-seconds N] [--witness KEY@ADDRESS ...]
                              keys, policy and an empty log; without --witness one inside this program
  publish BUNDLE              checks, cuts, signs with both keys of the data folder, appends
  publish --prepare BUNDLE    only makes the draft and prints what is to be signed
  publish --sign KEY_FILE [--draft FILE]
                              adds one publisher's signature to the draft
  publish --finish            appends the draft that both publishers have signed
  serve [--port N] [--host ADDRESS] [--page FOLDER] [--tls-key FILE --tls-cert FILE] [--rate N]
        [--tokens-per-address N] [--proxy ADDRESS ...] [--reports-to URL]
                              log and snapshots below /sync/; the page at / with --page; reports go on to an
                              aggregator elsewhere with --reports-to
  witness [--name NAME] [--log KEY ...] [--port N] [--host ADDRESS] [--tls-key FILE --tls-cert FILE]
                              a witness of these logs, in a data folder of its own
  role grant|revoke ROLE KEY_OR_NAME [--key ADMIN_KEY_FILE]
                              ROLE: publisher, operator-a, operator-b, auditor, admin
  round open [--days N] [--url URL] [--clip C] [--sigma S] [--min-batch N]
             [--no-tokens | --invitations N] [--aggregator-a URL,KEYS --aggregator-b URL,KEYS]
                              asks clients for contributions: keys of both aggregators, where there are none yet,
                              and the round, signed with both publishers' keys; \`serve\` then takes reports below URL,
                              and gives out the tokens that they bring; --invitations prints codes for N of them
  aggregate --role a|b --keys [--name NAME]
                              an operator's keys, for \`round open\` and the other operator, in a data folder of its own
  aggregate --role a|b --log URL --peer KEYS [--policy FILE] [--port N] [--host ADDRESS]
            [--tls-key FILE --tls-cert FILE] [--rate N] [--proxy ADDRESS ...] [--relay ADDRESS ...] [--database postgres://...]
                              one aggregator, which reads rounds from the log at URL and hands its sums in there; --relay: whose
                              requests count towards no --rate, since they are those of many (\`serve --reports-to\`)
  learn --listeners FILE [--prior FILE] [--round ID] [--prepare]
                              the next snapshot from the sums of a round that is over, if lists of these public listeners
                              (user, item, plays; none whom the catalogue was trained on) do not get worse
  audit [--url URL] [--listeners FILE] [--seen FILE]
                              checks all that a log claims, and learns each snapshot again from the published sums, bit for
                              bit; URL may be a folder. FILE of --seen keeps what was accepted, for the next audit
  status                      what is published, and who has which role
  help                        this text
`;
