// The table of `make bench`.
import { WORKLOADS } from './measure.mjs';

const pad = (cell, width, left) => (left ? cell.padEnd(width) : cell.padStart(width));
const ms = (x) => (x < 10 ? x.toFixed(3) : x.toFixed(1));

/** `runs`: [{ engine, variant, result }]. */
export function formatTable(runs) {
  const rows = [['', 'build', 'engine', 'median ms', 'floor ms', 'x floor', 'GB/s', 'goal ms', '']];
  for (const { name, title, goalMs } of WORKLOADS) {
    let first = true;
    for (const { engine, variant, result } of runs) {
      const label = first ? title : '';
      first = false;
      if (result.unsupported) {
        rows.push([label, variant, engine, 'this engine cannot run it', '', '', '', '', '']);
        continue;
      }
      const w = result.workloads[name];
      rows.push([
        label,
        variant,
        engine,
        ms(w.medianMs),
        ms(w.floorMs),
        (w.medianMs / w.floorMs).toFixed(2),
        (w.bytes / w.medianMs / 1e6).toFixed(1),
        variant === 'native' ? '' : ms(goalMs),
        variant === 'native' ? '' : w.medianMs <= goalMs ? 'reached' : 'MISSED',
      ]);
    }
  }
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) => row.map((cell, c) => pad(cell, widths[c], c < 3)).join('  ').trimEnd()).join('\n');
}

/** What is wrong with the answers (never with the times): each as [name, ok]. */
export function verdicts(runs) {
  const all = [];
  const reference = runs.find(({ result }) => !result.unsupported)?.result;
  for (const { engine, variant, result } of runs) {
    const where = `${variant}, ${engine}`;
    if (result.unsupported) continue;
    all.push([`${where}: the self-test passes`, result.selftest]);
    for (const { name, title } of WORKLOADS) {
      const w = result.workloads[name];
      all.push([`${where}: ${title} equals the scalar oracle`, w.right]);
      if (result !== reference) all.push([`${where}: ${title} has the same bits as ${runs[0].variant}`, w.hash === reference.workloads[name].hash]);
    }
  }
  return all;
}
