// Whether a visitor finds an element on the page. Import this file for its effect on `expect`.
import { expect } from 'vitest';

declare module 'vitest' {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- must repeat Vitest's own declaration
  interface Assertion<T = any> {
    /** In the document, and in no part that is closed or hidden: `hidden`, `inert`, a closed
     *  <details> or <dialog>. Styles do not count: jsdom loads none. */
    toBeShown: () => T;
  }
}

/** All but the summary of a closed <details>. */
const CLOSED = 'details:not([open]) > :not(summary), dialog:not([open])';
const HIDDEN = `[hidden], [inert], ${CLOSED}`;

expect.extend({
  toBeShown(element: Element | null | undefined) {
    const hider = element?.closest(HIDDEN);
    const pass = element?.isConnected === true && hider === null;
    const text = element?.textContent ?? '';
    const why = hider ? `it is within ${tagOf(hider)}` : 'it is not in the document';
    return {
      pass,
      message: () => (pass ? `“${text}” is shown` : `“${text}” is not shown: ${why}`),
    };
  },
});

function tagOf(element: Element): string {
  return (element.cloneNode(false) as Element).outerHTML;
}
