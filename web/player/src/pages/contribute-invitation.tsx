import type { ReactNode } from 'react';
import { useContributing } from '../state/use-contributing.ts';
import { useWords } from '../words/use-words.ts';

/** Takes the code that rounds for invited people ask for. */
export function Invitation(): ReactNode {
  const [{ busy }, state] = useContributing();
  const { contributing } = useWords().app.privacy;
  return (
    <form
      className="invitation"
      onSubmit={(event) => {
        event.preventDefault();
        const code = new FormData(event.currentTarget).get('code');
        if (typeof code === 'string' && busy === null) void state.turnOn(code.trim());
      }}
    >
      <label className="field">
        {contributing.code}
        <input name="code" required autoComplete="off" autoCapitalize="off" spellCheck={false} />
      </label>
      <button type="submit" className="button" aria-disabled={busy !== null}>
        {contributing.useCode}
      </button>
      <p className="muted">{contributing.codeText}</p>
    </form>
  );
}
