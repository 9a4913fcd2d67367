import type { ReactNode } from 'react';

/** One set: 24 units, lines of 1.75, round ends. */
const PATHS = {
  heart:
    'M12 20s-7.5-4.6-9-9.3C2 7.3 4 4.5 7.2 4.5c2 0 3.7 1.1 4.8 3 1.1-1.9 2.8-3 4.8-3 3.2 0 5.2 2.8 4.2 6.2C19.5 15.4 12 20 12 20z',
  later: 'M5 5.5v13l9-6.5zM18.5 5.5v13',
  never: 'M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17zM6 6l12 12',
  lock: 'M6.5 10.5h11a1.5 1.5 0 0 1 1.5 1.5v7a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 5 19v-7a1.5 1.5 0 0 1 1.5-1.5zM8 10.5V8a4 4 0 0 1 8 0v2.5',
  file: 'M12 15.5V4M7.5 8.5 12 4l4.5 4.5M4 14.5V18a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3.5',
  close: 'M6 6l12 12M18 6 6 18',
  chevron: 'M9 6l6 6-6 6',
  undo: 'M4 9.5h10a5.5 5.5 0 0 1 0 11h-3M4 9.5 8.5 5M4 9.5 8.5 14',
  alert: 'M12 8v5M12 16.5v.1M12 3.5 2.5 20h19z',
} as const;

export function Icon({ name }: { readonly name: keyof typeof PATHS }): ReactNode {
  return (
    <svg className="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}

export function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M9 12.5v7M14 8.5v15M19 11.5v9M24 14.5v3" />
    </svg>
  );
}
