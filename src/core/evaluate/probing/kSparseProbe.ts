// k-sparse probing (sae.md §13): do k latents alone predict a label? Each class against the rest; the latents
// are those whose mean differs most between the two in the training split. Knows pooled features, no text.
import { ConfigError } from '../../errors';
import { fitLogistic, logisticAccuracy } from './logisticRegression';

/** Numbers of latents that the probes use. */
const PROBE_SIZES = [1, 2, 5] as const;
/** Ridge of every probe, on standardised features. */
const L2 = 1e-3;

/** One document: mean of each latent over its pooled tokens (only those that fired), and of saeIn. */
export type PooledDocument = {
  label: number;
  latents: ReadonlyMap<number, number>;
  /** [d_in] */
  saeIn: Float32Array;
};

type ProbedClass = {
  label: string;
  /** share of the test documents */
  share: number;
  /** accuracy of always predicting the larger side */
  majority: number;
  /** accuracy with k latents, in the order of `sizes` */
  accuracy: number[];
  /** accuracy of a probe on all d_in numbers of saeIn */
  rawAccuracy: number;
  /** the latents chosen, strongest first */
  latents: number[];
};

export type ProbingResult = {
  /** what was classified, as a sentence */
  task: string;
  trainDocuments: number;
  testDocuments: number;
  sizes: number[];
  classes: ProbedClass[];
  /** means over classes */
  majority: number;
  accuracy: number[];
  rawAccuracy: number;
};

/** Throws ConfigError when a class is missing from either split. */
export function probeClasses(o: {
  task: string;
  labels: readonly string[];
  train: readonly PooledDocument[];
  test: readonly PooledDocument[];
  d_sae: number;
}): ProbingResult {
  const classes = o.labels.map((label, index) => {
    for (const [part, documents] of [['training', o.train] as const, ['test', o.test] as const]) {
      const count = documents.filter((document) => document.label === index).length;
      if (count > 0 && count < documents.length) continue;
      throw new ConfigError(
        `probing: ${count} of ${documents.length} ${part} documents are labelled “${label}”; each label needs some documents with it and some without, in both parts`,
        'labels',
      );
    }
    return probeClass(o, label, index);
  });
  const mean = (of: (c: ProbedClass) => number) =>
    classes.reduce((sum, c) => sum + of(c), 0) / classes.length;
  return {
    task: o.task,
    trainDocuments: o.train.length,
    testDocuments: o.test.length,
    sizes: [...PROBE_SIZES],
    classes,
    majority: mean((c) => c.majority),
    accuracy: PROBE_SIZES.map((_, i) => mean((c) => c.accuracy[i]!)),
    rawAccuracy: mean((c) => c.rawAccuracy),
  };
}

function probeClass(
  o: { train: readonly PooledDocument[]; test: readonly PooledDocument[]; d_sae: number },
  label: string,
  index: number,
): ProbedClass {
  const isClass = (documents: readonly PooledDocument[]) =>
    documents.map((document) => Number(document.label === index));
  const train = isClass(o.train);
  const test = isClass(o.test);
  const chosen = rankByMeanDifference(o.train, train, o.d_sae).slice(0, PROBE_SIZES.at(-1));
  const accuracyWith = (features: (document: PooledDocument) => ArrayLike<number>) =>
    probe(o.train.map(features), train, o.test.map(features), test);
  const share = test.reduce((a, b) => a + b, 0) / test.length;
  return {
    label,
    share,
    majority: Math.max(share, 1 - share),
    accuracy: PROBE_SIZES.map((k) =>
      accuracyWith(({ latents }) => chosen.slice(0, k).map((latent) => latents.get(latent) ?? 0)),
    ),
    rawAccuracy: accuracyWith(({ saeIn }) => saeIn),
    latents: chosen,
  };
}

/** Latents by |mean in the class − mean outside|, largest first; ties to the lower index. */
export function rankByMeanDifference(
  documents: readonly PooledDocument[],
  isClass: readonly number[],
  d_sae: number,
): number[] {
  const inside = isClass.reduce((a, b) => a + b, 0);
  const difference = new Float64Array(d_sae);
  documents.forEach(({ latents }, i) => {
    const weight = isClass[i]! > 0 ? 1 / inside : -1 / (documents.length - inside);
    for (const [latent, value] of latents) difference[latent]! += weight * value;
  });
  const size = (latent: number) => Math.abs(difference[latent]!);
  return [...difference.keys()].sort((a, b) => size(b) - size(a) || a - b);
}

/** Test accuracy of a logistic probe, features standardised by the training split. */
function probe(
  train: readonly ArrayLike<number>[],
  trainLabels: readonly number[],
  test: readonly ArrayLike<number>[],
  testLabels: readonly number[],
): number {
  const d = train[0]!.length;
  const { mean, scale } = standardisation(train, d);
  const flat = (rows: readonly ArrayLike<number>[]) =>
    Float64Array.from({ length: rows.length * d }, (_, j) => {
      const i = j % d;
      return (rows[Math.floor(j / d)]![i]! - mean[i]!) * scale[i]!;
    });
  const model = fitLogistic(flat(train), trainLabels, { d, l2: L2 });
  return logisticAccuracy(model, flat(test), testLabels);
}

function standardisation(rows: readonly ArrayLike<number>[], d: number) {
  const mean = new Float64Array(d);
  const scale = new Float64Array(d);
  for (const row of rows) for (let i = 0; i < d; i++) mean[i]! += row[i]! / rows.length;
  for (const row of rows) {
    for (let i = 0; i < d; i++) scale[i]! += (row[i]! - mean[i]!) ** 2 / rows.length;
  }
  // A feature that never varies is left at 0.
  return { mean, scale: scale.map((variance) => (variance > 0 ? 1 / Math.sqrt(variance) : 0)) };
}
