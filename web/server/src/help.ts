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
                              log and snapshots below /sync/; the page at / with --page
  witness [--name NAME] [--log KEY ...] [--port N] [--host ADDRESS] [--tls-key FILE --tls-cert FILE]
                              a witness of these logs, in a data folder of its own
  role grant|revoke ROLE KEY_OR_NAME [--key ADMIN_KEY_FILE]
                              ROLE: publisher, operator-a, operator-b, auditor, admin
  round open [--days N] [--url URL] [--clip C] [--sigma S] [--min-batch N]
                              asks clients for contributions: keys of both aggregators, where there are none yet,
                              and the round, signed with both publishers' keys; \`serve\` then takes reports below URL
  status                      what is published, and who has which role
  help                        this text
`;
