import type { ContributionPreview, ContributionState } from 'ossicle';
import { useId, useState, type ReactNode } from 'react';
import { HexView, type HexPart } from '../parts/hex-view.tsx';
import { useContributing } from '../state/use-contributing.ts';
import { useWords, type Words } from '../words/use-words.ts';
import { saveFile } from './save-file.ts';

const I32_BYTES = 4;

/** The rows of the table that are not zero, where they stand in it. */
function saidRows({ round, rows, table }: ContributionPreview): readonly HexPart[] {
  const rowBytes = I32_BYTES * (round.factors + 1);
  const parts: HexPart[] = [];
  for (let at = 0; at < table.length; at += rowBytes) {
    const bytes = table.subarray(at, at + rowBytes);
    // In the order of the rows.
    const title = rows[parts.length]?.name;
    if (bytes.some((byte) => byte !== 0)) parts.push({ ...(title && { title }), at, bytes });
  }
  return parts;
}

/** A run of bytes that is shown and saved. */
interface Run {
  readonly title: string;
  readonly text: string;
  readonly parts: readonly HexPart[];
  readonly bytes: readonly Uint8Array<ArrayBuffer>[];
  readonly save: string;
  readonly file: string;
}

/** What a report is made of, before it is sealed. */
function runsOf(preview: ContributionPreview, words: Words): readonly Run[] {
  const { contributing } = words.app.privacy;
  const { table, shares, proof } = preview;
  return [
    {
      title: contributing.table,
      text: contributing.tableText(table.length),
      parts: saidRows(preview),
      bytes: [table],
      save: contributing.saveTable,
      file: 'ossicle-table.bin',
    },
    {
      title: contributing.halfA,
      text: contributing.halfAText(shares.a.length),
      parts: [{ at: 0, bytes: shares.a }],
      bytes: [shares.a],
      save: contributing.saveHalf('A'),
      file: 'ossicle-half-a.bin',
    },
    {
      title: contributing.halfB,
      text: contributing.halfBText(shares.b.length),
      parts: [{ at: 0, bytes: shares.b }],
      bytes: [shares.b],
      save: contributing.saveHalf('B'),
      file: 'ossicle-half-b.bin',
    },
    {
      title: contributing.proof,
      text: contributing.proofText(proof.a.length, proof.both.length),
      parts: [
        { title: contributing.proofForA, at: 0, bytes: proof.a },
        { title: contributing.proofForBoth, at: proof.a.length, bytes: proof.both },
      ],
      bytes: [proof.a, proof.both],
      save: contributing.saveProof,
      file: 'ossicle-proof.bin',
    },
  ];
}

/** One of the runs of bytes: what it is, itself, and as a file. */
function Bytes({ title, text, parts, bytes, save, file }: Run): ReactNode {
  return (
    <details className="disclosure">
      <summary>{title}</summary>
      <p className="muted">{text}</p>
      {parts.length > 0 && <HexView label={title} parts={parts} />}
      <button type="button" className="button" onClick={() => saveFile(file, new Blob([...bytes]))}>
        {save}
      </button>
    </details>
  );
}

/** What the table says, in words. */
function Says({ preview }: { readonly preview: ContributionPreview }): ReactNode {
  const words = useWords();
  const { contributing } = words.app.privacy;
  const { round, block, rows } = preview;
  return (
    <>
      <p>
        {contributing.block(block, round)}{' '}
        {rows.length === 0
          ? contributing.saysNothing(round.rows)
          : contributing.says(rows.length, round.factors)}
      </p>
      {rows.length > 0 && (
        <>
          <ul className="said">
            {rows.map(({ item, name }) => (
              <li key={item}>
                <bdi>{name}</bdi>
              </li>
            ))}
          </ul>
          <p className="muted">{contributing.rest(round.rows - rows.length)}</p>
        </>
      )}
    </>
  );
}

/** How the report of this round stands to what is shown: it may have been made since. */
function stageOf(
  { round, stage }: ContributionPreview,
  kept: ContributionState | null,
): ContributionPreview['stage'] {
  const isMade = kept?.phase === 'sending' || kept?.phase === 'sent';
  return isMade && kept.round?.id === round.id ? 'made' : stage;
}

function Preview({ preview }: { readonly preview: ContributionPreview }): ReactNode {
  const words = useWords();
  const [{ kept }] = useContributing();
  const { contributing } = words.app.privacy;
  return (
    <>
      <p className="muted">{contributing.anew[stageOf(preview, kept)]}</p>
      <Says preview={preview} />
      <div className="said-bytes">
        {runsOf(preview, words).map((run) => (
          <Bytes key={run.file} {...run} />
        ))}
      </div>
      <p>{contributing.sealed(preview.reportBytes)}</p>
    </>
  );
}

/** Exactly what would be sent, once the listener wants to see it. */
export function ShowPreview(): ReactNode {
  const words = useWords();
  const id = useId();
  const [open, setOpen] = useState(false);
  const [{ asking, preview, busy, problem }, state] = useContributing();
  const { contributing } = words.app.privacy;
  const toggle = (): void => {
    setOpen(!open);
    // What was read for the question is a moment old.
    const isFresh = asking && preview !== null;
    if (!open && !isFresh && busy === null) void state.show();
  };
  return (
    <div className="preview">
      <button
        type="button"
        className="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={toggle}
      >
        {open ? contributing.hide : contributing.show}
      </button>
      <div id={id} className="preview-body" hidden={!open}>
        {open && preview !== null && <Preview preview={preview} />}
        {open && preview === null && busy === null && problem === null && (
          <p>{contributing.nothingToShow}</p>
        )}
      </div>
    </div>
  );
}
