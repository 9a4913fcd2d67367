import type { ReactNode } from 'react';
import { useWords } from '../words/use-words.ts';

/** What is stored of one kind, in a table. */
export function StoredRow({
  name,
  text,
  bytes,
}: {
  readonly name: string;
  readonly text?: string;
  readonly bytes: number | null;
}): ReactNode {
  const words = useWords();
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{text}</td>
      <td className="numbers">{bytes === null ? '' : words.bytes(bytes)}</td>
    </tr>
  );
}
