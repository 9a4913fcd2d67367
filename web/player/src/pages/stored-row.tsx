import type { ProfileSummary } from 'ossicle';
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

/** What is kept of the listening, since when, and how much of it is left out of learning. */
export function HistoryRow({ profile }: { readonly profile: ProfileSummary }): ReactNode {
  const words = useWords();
  const { privacy } = words.app;
  const { events, eventsLearntFrom, storedBytes } = profile;
  const text = [
    words.aside.stored(profile),
    words.aside.span(profile),
    eventsLearntFrom < events ? privacy.notLearnt(events - eventsLearntFrom) : '',
  ];
  return <StoredRow name={privacy.history} text={text.join(' ')} bytes={storedBytes} />;
}
