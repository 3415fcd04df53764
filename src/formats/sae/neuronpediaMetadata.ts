// What is known of an SAE, as one record for people and programs: how it was trained, what was measured, of which model
// and text, by which version, with which hashes. It stands in the files' metadata and in the README beside them.
import type { HookPoint } from '../../core/activations/hookPoint';
import { transformersHookName } from './hookNames';

/** null: not known, or not measured. */
export type NeuronpediaMetadata = {
  model: { name: string; id: string | null; hookPoint: HookPoint; module: string | null };
  sae: {
    name: string;
    id: string;
    architecture: string;
    d_in: number;
    d_sae: number;
    k: number | null;
  };
  training: {
    tokens: number | null;
    steps: number | null;
    /** passes over its text; below 1 where not all of it was read */
    epochs: number | null;
    batchSize: number | null;
    learningRate: number | null;
    seed: number | null;
    dataset: string | null;
    contextSize: number | null;
    prependBos: boolean | null;
    excludeSpecialTokens: boolean | null;
  };
  evaluation: {
    tokens: number;
    dataset: string;
    date: string;
    explainedVariance: number;
    fvu: number;
    l0: number;
    ceLossRecovered: number | null;
    ceIncrease: number;
    deadFraction: number;
  } | null;
  /** as counted while it was trained, or by whoever made it */
  measured: { explainedVariance: number | null; l0: number | null; deadFraction: number | null };
  statistics: { tokens: number; dataset: string } | null;
  licence: string | null;
  tool: { name: 'nanoscope'; version: string };
  /** of files that travel along, by name */
  sha256: Record<string, string>;
};

/** lr null: as this version chooses it for such a run, not recorded. */
type Run = { tokens: number; batchSize: number; lr: number | null; seed: number };

/** What createNeuronpediaMetadata is told. */
export type MetadataSource = Omit<NeuronpediaMetadata, 'model' | 'training' | 'tool'> & {
  model: { name: string; id: string | null; hookPoint: HookPoint };
  training: Omit<
    NeuronpediaMetadata['training'],
    'steps' | 'epochs' | 'batchSize' | 'learningRate' | 'seed'
  >;
  /** the settings of the run on this device; null: it was not trained here, or its run was deleted */
  run: Run | null;
  /** tokens of its text as that stands here; null: another one is open */
  datasetTokens: number | null;
  version: string;
};

export function createNeuronpediaMetadata(o: MetadataSource): NeuronpediaMetadata {
  const { run, training, datasetTokens } = o;
  const { tokens } = training;
  return {
    model: { ...o.model, module: transformersHookName(o.model.hookPoint) },
    sae: o.sae,
    training: {
      ...training,
      steps: run === null ? null : Math.floor((tokens ?? run.tokens) / run.batchSize),
      epochs: tokens === null || datasetTokens === null ? null : round(tokens / datasetTokens),
      batchSize: run?.batchSize ?? null,
      learningRate: run?.lr ?? null,
      seed: run?.seed ?? null,
    },
    evaluation: o.evaluation,
    measured: o.measured,
    statistics: o.statistics,
    licence: o.licence,
    tool: { name: 'nanoscope', version: o.version },
    sha256: o.sha256,
  };
}

/** how: what the files are and what to do with them, as Markdown. */
export function formatReadme(m: NeuronpediaMetadata, how: readonly string[]): string {
  const { training: t, evaluation: e, measured } = m;
  const rows: [string, string | number | boolean | null][] = [
    ['SAE', `${m.sae.name} (${m.sae.id})`],
    ['architecture', `${m.sae.architecture}${m.sae.k === null ? '' : `, k ${m.sae.k}`}`],
    ['d_in, d_sae', `${m.sae.d_in}, ${m.sae.d_sae}`],
    ['model', m.model.id === null ? m.model.name : `${m.model.name} (${m.model.id})`],
    ['hook point', m.model.hookPoint],
    ['module in transformers', m.model.module],
    ['trained on', t.dataset],
    ['tokens, steps, epochs', known([t.tokens, t.steps, t.epochs])],
    ['batch, learning rate, seed', known([t.batchSize, t.learningRate, t.seed])],
    ['context size', t.contextSize],
    ['every sequence begins with BOS', t.prependBos],
    ['special tokens left out', t.excludeSpecialTokens],
    ['explained variance, as counted in training', measured.explainedVariance],
    ['L0, as counted in training', measured.l0],
    ['dead latents, as counted in training', measured.deadFraction],
    [
      'statistics',
      m.statistics === null ? null : `${m.statistics.tokens} tokens of ${m.statistics.dataset}`,
    ],
    ['licence', m.licence],
    ['written by', `nanoscope ${m.tool.version}`],
    ...Object.entries(m.sha256).map(([file, hash]): [string, string] => [
      `SHA-256 of ${file}`,
      hash,
    ]),
  ];
  const evaluated: [string, string | number | null][] =
    e === null
      ? []
      : [
          ['evaluated on', `${e.tokens} held-out tokens of ${e.dataset}, ${e.date}`],
          ['explained variance', e.explainedVariance],
          ['L0', e.l0],
          ['CE loss recovered', e.ceLossRecovered],
          ['CE loss added', e.ceIncrease],
          ['share of dead latents', e.deadFraction],
        ];
  const lines = [...rows, ...evaluated]
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `| ${cell(name)} | ${cell(shown(value))} |`);
  return [
    `# ${plain(m.sae.name)}`,
    ...how,
    ['| | |', '| --- | --- |', ...lines].join('\n'),
    'What is not listed is not known.',
    '',
  ].join('\n\n');
}

function known(values: readonly (number | null)[]): string | null {
  return values.every((value) => value === null)
    ? null
    : values.map((value) => (value === null ? 'unknown' : shown(value))).join(', ');
}

function shown(value: string | number | boolean | null): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(6))) : String(value);
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

/** Names are other people's text: no markup and no second line comes from them. */
function plain(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replace(/[\\`*_{}[\]<>#|]/g, '\\$&');
}

function cell(text: string): string {
  return plain(text);
}
