/** Appends to the log in the folder that it is given until it is killed, and says what was acknowledged. */
import { writeSync } from 'node:fs';
import { DataFolder } from '../src/folder.ts';
import { openLog } from '../src/open.ts';

const [, , path = '', label = ''] = process.argv;
await using opened = await openLog(new DataFolder(path));
for (let n = 0; ; ++n) {
  const texts = Array.from({ length: 1 + (n % 7) }, (_, i) => `test/v1\n${label} ${n} ${i}\n`);
  const { waiting } = await opened.log.append(texts);
  if (waiting > 0) throw new Error('not published');
  writeSync(1, `${opened.log.entries.size}\n`);
}
