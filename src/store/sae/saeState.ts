// The SAEs of this browser, and the one that Explore looks at.
import type { SaeFit } from '../../core/evaluate/saeFit';
import type { Problem } from '../../engine/shared/api';
import type { FoundSae, SaeFacts } from '../../engine/sae/api';

export type SaeState = {
  /** null until the engine has listed them */
  list: SaeFacts[] | null;
  selectedId: string | null;
  /** what a link requested, until it is found */
  wantedRef: string | null;
  /** the SAEs of a drop that holds several, until it is said which to open */
  found: readonly FoundSae[] | null;
  busy: 'import' | 'store' | 'delete' | null;
  /** the SAE whose files are being written for another tool */
  exporting: string | null;
  problem: Problem | null;
  fit: {
    /** the SAE that is being measured */
    measuring: string | null;
    /** of this visit, by SAE and model */
    known: SaeFit[];
    /** of the last one */
    problem: Problem | null;
  };
};

export const FIRST_SAE: SaeState = {
  list: null,
  selectedId: null,
  wantedRef: null,
  found: null,
  busy: null,
  exporting: null,
  problem: null,
  fit: { measuring: null, known: [], problem: null },
};
