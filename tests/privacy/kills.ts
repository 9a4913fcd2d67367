/** node tests/privacy/kills.ts [KILLS]: kills both aggregators at random while clients send whole tables, 1,000 times unless told; ends with 1 if a report is lost or counted twice. */
import { runKills } from '../../web/server/test/aggregate-kills.ts';

const kills = Number(process.argv[2] ?? 1000);
const { stored, summed, acknowledged, ...more } = await runKills(kills, {
  rows: 512,
  factors: 128,
});
const all = [stored.a, stored.b, summed.a, summed.b];
console.log(JSON.stringify({ ...more, acknowledged, stored, summed }));
process.exitCode = more.isExact && all.every((count) => count === acknowledged) ? 0 : 1;
