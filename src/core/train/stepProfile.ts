// What each kernel of a training step took, and how near that is to what the machine can do.

/** Work that a result takes however it is computed: floating-point operations, bytes to and from memory. */
export type Work = { flop: number; bytes: number };

export type KernelTime = {
  /** stem of its shader */
  name: string;
  ms: number;
  /** null: not counted */
  work: Work | null;
};

export type StepProfile = {
  /** in the order of the step, kernels that run several times once */
  kernels: readonly KernelTime[];
  /** per second, measured on the same adapter: multiply-adds in registers, and copies */
  limits: Work;
};

/** why: for a page, as a sentence */
export type StepProfiling = StepProfile | { why: string };

/** Time that the work takes at the limits over the time that it took; above 1 where caches save traffic. Source:
 *  the roofline of docs/design/kernels.md, section 2. */
export function shareOfLimit({ ms, work }: KernelTime, limits: Work): number | null {
  if (work === null || ms <= 0) return null;
  return (1000 * Math.max(work.flop / limits.flop, work.bytes / limits.bytes)) / ms;
}
