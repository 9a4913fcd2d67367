/**
 * node tests/privacy/kills.ts [KILLS]: kills both aggregators at random while clients send whole tables, every fifth of them too long, 1,000 times unless told; ends
 * with 1 if a report is lost or counted twice, or a table that is too long is not refused at both.
 */
import { runKills } from '../../web/server/test/aggregate-kills.ts';

const kills = Number(process.argv[2] ?? 1000);
const result = await runKills(kills, { rows: 512, factors: 128 });
const { acknowledged, liars, stored, summed, refused, refusals, isExact } = result;
console.log(JSON.stringify(result));
const isCounted = [stored, summed].every(({ a, b }) => a === acknowledged && b === acknowledged);
const isRefused = refused.a === liars && refused.b === liars;
// A counts also who asks again.
const isTold = refusals.a >= liars && refusals.b === liars;
process.exitCode = isExact && isCounted && isRefused && isTold ? 0 : 1;
