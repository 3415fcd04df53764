// Estimated GPU memory of training (interface.md 2.2, Pre-flight): a page cannot see free memory.
// Pure arithmetic; the trainer's actual buffers are counted where they are created.
import { writePoint } from '../activations/hookPoint';
import type { SaeArchitecture } from '../sae/architecture';
import type { SaeConfig } from '../sae/sae';

/** The part that runs of one hook point share. */
export const RING_PART = 'Activation ring';

export type MemoryPart = { name: string; bytes: number; formula: string };

type Sizes = Pick<SaeConfig, 'architecture' | 'd_in' | 'd_sae' | 'batchSize' | 'ringRows'> &
  Partial<Pick<SaeConfig, 'emaDecay'>>;

/** [chunk, d_sae] matrices held during a step: pre-activations; dense architectures also activations and
 *  their gradients, and Gated's gate with its own. */
const CHUNKS: Readonly<Record<SaeArchitecture, number>> = {
  topk: 1,
  transcoder: 1,
  batchtopk: 1,
  matryoshka: 1,
  relu: 3,
  jumprelu: 3,
  gated: 5,
};

const CHUNK_LIMIT = 128 * 2 ** 20;

/** Bytes of one SAE in training, part by part. d = d_in, n = d_sae, B = batchSize. */
export function memoryParts(sizes: Sizes): MemoryPart[] {
  const { architecture, d_in: d, d_sae: n, batchSize, ringRows, emaDecay = 0 } = sizes;
  const chunks = CHUNKS[architecture];
  // A transcoder holds what it reads and what it rebuilds.
  const [rings, batch] = architecture === 'transcoder' ? [2, 16] : [1, 12];
  // Dense architectures store the gradients of both matrices.
  const perWeight = (chunks === 1 ? 24 : 32) + (emaDecay === 0 ? 0 : 8);
  return [
    {
      name: 'SAE and optimiser',
      bytes: perWeight * d * n,
      formula: `${perWeight} · d · n`,
    },
    { name: RING_PART, bytes: rings * 2 * d * ringRows, formula: `${rings * 2} · d · ${ringRows}` },
    {
      name: 'Pre-activations',
      bytes: chunks * Math.min(4 * batchSize * n, CHUNK_LIMIT),
      formula: `${chunks === 1 ? '' : `${chunks} · `}min(4 · B · n, 128 MiB)`,
    },
    { name: 'Batch', bytes: batch * batchSize * d, formula: `${batch} · B · d` },
  ];
}

/** Bytes of several SAEs trained together: all their parts, with one ring per hook point. */
export function memoryTogether(configs: readonly SaeConfig[]): number {
  const seen = new Set<string>();
  let bytes = 0;
  for (const config of configs) {
    const own = memoryParts(config).filter(({ name }) => name !== RING_PART);
    bytes += own.reduce((sum, part) => sum + part.bytes, 0);
    for (const point of [config.hookPoint, writePoint(config.hookPoint)]) {
      if (!seen.has(point)) bytes += 2 * config.d_in * config.ringRows;
      seen.add(point);
    }
  }
  return bytes;
}

/** Fields that must be equal for runs to read one stream of tokens in step. */
const SHARED_FIELDS = [
  'd_in',
  'tokens',
  'batchSize',
  'seed',
  'contextSize',
  'prependBos',
  'ringRows',
  'firstBlockRows',
  'calibrationTokens',
] as const satisfies readonly (keyof SaeConfig)[];

/** The first difference that prevents two configurations from sharing forward passes; null if
 *  they can. */
export function unsharedField(a: SaeConfig, b: SaeConfig): (typeof SHARED_FIELDS)[number] | null {
  return SHARED_FIELDS.find((field) => a[field] !== b[field]) ?? null;
}

/** Indices of `configs` (not empty) that are trained first, together: the first one, and each later one that
 *  reads the same stream and fits the budget too. If the first exceeds the budget, it is trained alone. */
export function nextGroup(configs: readonly SaeConfig[], budgetBytes: number): number[] {
  const chosen = [0];
  for (let i = 1; i < configs.length; i++) {
    if (unsharedField(configs[0]!, configs[i]!) !== null) continue;
    const together = [...chosen, i].map((index) => configs[index]!);
    if (memoryTogether(together) <= budgetBytes) chosen.push(i);
  }
  return chosen;
}
