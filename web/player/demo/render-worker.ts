import { parentPort } from 'node:worker_threads';
import { PIECES } from './catalogue.ts';
import { render } from './render.ts';

parentPort?.on('message', (index: number) => {
  const piece = PIECES[index];
  if (!piece) throw new RangeError(`There is no piece ${index}.`);
  // A rejection ends the worker, which is what its owner waits for.
  void render(piece).then((rendered) => parentPort?.postMessage(rendered));
});
