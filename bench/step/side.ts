// One side of the comparison of `npm run bench -- step`.

/** ms: of each step; cpuMs: the processor's time for all of them, whatever else the machine does; null: not known. */
export type Timed = { ms: number[]; cpuMs: number | null };

/** One side of the comparison. */
export type Side = {
  name: string;
  steps: (count: number) => Promise<Timed>;
  /** 1 − explained variance of the last step */
  fvu: () => number;
  facts: Record<string, unknown>;
  close: () => void;
};
