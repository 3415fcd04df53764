// How one token is drawn and named. Types only.
import type { CSSProperties } from 'react';

export type TokenMark = {
  text: string;
  className?: string | undefined;
  style?: CSSProperties;
  /** said to screen readers: “the”, id 262 */
  name: string;
  /** shown beside the token, a line each */
  details: readonly string[];
};
