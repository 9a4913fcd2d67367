import { useId, type ReactNode, type Ref } from 'react';

/** A switch with what it does below it; an entry of a list. */
export function Switch({
  label,
  text,
  on,
  onChange,
  ref,
  children,
}: {
  readonly label: string;
  readonly text?: string;
  readonly on: boolean;
  /** Left out: it cannot be switched, and the text says why. */
  readonly onChange?: ((on: boolean) => void) | undefined;
  /** The button itself. */
  readonly ref?: Ref<HTMLButtonElement>;
  /** Below the text. */
  readonly children?: ReactNode;
}): ReactNode {
  const id = useId();
  return (
    <li>
      <button
        ref={ref}
        type="button"
        role="switch"
        className="switch"
        aria-checked={on}
        aria-describedby={text === undefined ? undefined : id}
        disabled={onChange === undefined}
        onClick={() => onChange?.(!on)}
      >
        <span className="switch-track" aria-hidden="true" />
        <span>{label}</span>
      </button>
      {text !== undefined && (
        <p id={id} className="muted">
          {text}
        </p>
      )}
      {children}
    </li>
  );
}
