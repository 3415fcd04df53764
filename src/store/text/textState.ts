// Which text SAEs are trained and measured on.
import type { Problem } from '../../engine/shared/api';
import type { CorpusFacts } from '../../engine/text/api';

export type TextState = {
  /** null until the engine has reported it */
  corpus: CorpusFacts | null;
  opening: boolean;
  problem: Problem | null;
};

export const FIRST_TEXT: TextState = { corpus: null, opening: false, problem: null };
