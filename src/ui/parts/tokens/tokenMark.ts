// The appearance and name of one token. Types only.
import type { CSSProperties } from 'react';

export type TokenMark = {
  text: string;
  className?: string | undefined;
  style?: CSSProperties;
  /** name for screen readers: “the”, id 262 */
  name: string;
  /** shown beside the token, one line each */
  details: readonly string[];
};
