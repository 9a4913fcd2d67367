import type { Plugin } from 'vite';

/** Where React can turn text into markup. Nothing of ours asks for it; what a page told must not become markup, whoever asks. */
const REACT_DOM = /\/react-dom\/cjs\/react-dom-client\.production\.js$/;
const PLACES = 3;

/** Leaves React no way to make markup out of text: it becomes text. */
export function withoutMarkup(): Plugin {
  let isDone = false;
  return {
    name: 'without-markup',
    transform: {
      filter: { id: REACT_DOM },
      handler(code) {
        const parts = code.split('.innerHTML = ');
        if (parts.length !== PLACES + 1) {
          this.error(
            `React sets innerHTML in ${parts.length - 1} places, not ${PLACES}: look at them`,
          );
        }
        isDone = true;
        return { code: parts.join('.textContent = '), map: null };
      },
    },
    buildEnd(failure) {
      if (!isDone && failure === undefined) this.error('React’s code was not found');
    },
  };
}
