// Evaluations as a report: JSON for programs, and one printable page of Markdown in the style of SAE papers.
// Pure; docs/evaluation.md describes the fields, and a test keeps both in step.
import { measuredUnit, type SaeEvaluation } from './evaluation';

export type EvaluationReport = {
  format: 'nanoscope-evaluation';
  formatVersion: 1;
  /** ISO 8601, UTC */
  created: string;
  evaluations: readonly SaeEvaluation[];
};

export function makeEvaluationReport(
  evaluations: readonly SaeEvaluation[],
  created: string,
): EvaluationReport {
  return { format: 'nanoscope-evaluation', formatVersion: 1, created, evaluations };
}

type Column = { title: string; of: (e: SaeEvaluation) => string };

const QUALITY: readonly Column[] = [
  { title: 'SAE', of: ({ sae }) => sae.name },
  { title: 'type', of: ({ sae }) => sae.architecture },
  { title: 'd_sae', of: ({ sae }) => String(sae.d_sae) },
  { title: 'L0', of: ({ metrics: m }) => `${digits(m.l0)} ± ${digits(m.l0Std)}` },
  { title: 'MSE', of: ({ metrics: m }) => digits(m.mse) },
  { title: 'NMSE', of: ({ metrics: m }) => digits(m.nmse) },
  { title: 'FVU', of: ({ metrics: m }) => digits(m.fvu) },
  { title: 'expl. var.', of: ({ metrics: m }) => digits(m.explainedVariance) },
  { title: 'cosine', of: ({ metrics: m }) => digits(m.cosine) },
  { title: '‖x̂‖/‖x‖', of: ({ metrics: m }) => digits(m.l2Ratio) },
  { title: 'dead', of: ({ metrics: m }) => share(m.deadFractionEval) },
  { title: 'dense > 1 %', of: ({ metrics: m }) => share(m.denseOver1Percent) },
];

const LANGUAGE: readonly Column[] = [
  { title: 'SAE', of: ({ sae }) => sae.name },
  { title: 'CE clean', of: ({ metrics: m }) => digits(m.ceClean, 4) },
  { title: 'CE with SAE', of: ({ metrics: m }) => digits(m.ceWithSae, 4) },
  { title: 'CE zero-abl.', of: ({ metrics: m }) => digits(m.ceAblated, 4) },
  { title: 'ΔCE', of: ({ metrics: m }) => digits(m.ceIncrease) },
  { title: 'CE recovered', of: ({ metrics: m }) => share(m.ceLossRecovered) },
  { title: 'KL with SAE', of: ({ metrics: m }) => digits(m.klWithSae) },
  { title: 'KL zero-abl.', of: ({ metrics: m }) => digits(m.klAblated) },
  { title: 'KL score', of: ({ metrics: m }) => share(m.klScore) },
];

/** Each row is the same figure of the whole set, beside what the transcoder does alone. */
const TOGETHER: readonly Column[] = [
  { title: 'SAE', of: ({ sae }) => sae.name },
  { title: 'CE recovered alone', of: ({ metrics: m }) => share(m.ceLossRecovered) },
  { title: 'spliced in at once', of: ({ together: t }) => String(t?.saes.length ?? '–') },
  { title: 'CE recovered', of: ({ together: t }) => share(t?.metrics.ceLossRecovered ?? null) },
  { title: 'CE with all', of: ({ together: t }) => digits(t?.metrics.ceWithSae ?? null, 4) },
  { title: 'CE all silent', of: ({ together: t }) => digits(t?.metrics.ceAblated ?? null, 4) },
  { title: 'KL with all', of: ({ together: t }) => digits(t?.metrics.klWithSae ?? null) },
];

const ALSO: readonly Column[] = [
  { title: 'SAE', of: ({ sae }) => sae.name },
  { title: 'EV (legacy)', of: ({ metrics: m }) => digits(m.explainedVarianceLegacy) },
  { title: '1 − Var(e)/Var(x)', of: ({ metrics: m }) => digits(m.fracVarianceExplained) },
  { title: 'rel. bias', of: ({ metrics: m }) => digits(m.relativeReconstructionBias) },
  { title: 'L1', of: ({ metrics: m }) => digits(m.l1) },
  { title: 'dense > 10 %', of: ({ metrics: m }) => share(m.denseOver10Percent) },
  { title: 'enc–dec cosine', of: ({ metrics: m }) => digits(m.encoderDecoderCosine) },
  { title: 'dead in training', of: ({ sae }) => share(sae.deadFraction) },
];

/** Markdown; every number is also in the JSON. */
export function formatEvaluationReport(report: EvaluationReport): string {
  const { evaluations } = report;
  const probed = evaluations.filter(({ probing }) => probing !== null);
  const together = evaluations.filter((evaluation) => evaluation.together !== undefined);
  return [
    '# SAE evaluation',
    `nanoscope ${[...new Set(evaluations.map((e) => e.appVersion))].join(', ')} · ${report.created}`,
    '## What was measured',
    ...evaluations.map(settingOf),
    '## Reconstruction and sparsity',
    tableOf(QUALITY, evaluations),
    '## With the model in the loop (nats per token)',
    tableOf(LANGUAGE, evaluations),
    ...(together.length === 0
      ? []
      : ['## Transcoders in the places of all their MLPs at once', tableOf(TOGETHER, together)]),
    '## Also',
    tableOf(ALSO, evaluations),
    ...(probed.length === 0
      ? []
      : ['## k-sparse probing, test accuracy', ...probed.map(probingOf)]),
    NOTES,
    '',
  ].join('\n\n');
}

function settingOf(e: SaeEvaluation): string {
  const { metrics: m, sae } = e;
  const part = e.isComplete ? '' : ' **Incomplete: ended early.**';
  const unit = measuredUnit(e);
  const short =
    m.tokens < e.requestedTokens && e.isComplete
      ? ` (${e.requestedTokens} were requested; ${unit === 'row' ? 'held out are' : 'the held-out text has'} ${e.availableTokens})`
      : '';
  return (
    `**${sae.name}** (\`${sae.id}\`): ${sae.architecture}, d_in ${sae.d_in}, d_sae ${sae.d_sae}${sae.k === null ? '' : `, k ${sae.k}`}, ` +
    `at \`${sae.hookPoint}\` of \`${e.model.id}\`; ${m.tokens} held-out ${unit}s of \`${e.corpus.id}\`${short}${contextOf(e)}; ` +
    `${e.date}, ` +
    `${e.adapter ?? 'adapter unknown'}, ${unit === 'row' ? 'no model' : `model on ${e.model.backend}`}, ${Math.round(e.seconds)} s.${part}`
  );
}

/** Of a text; a row stands by itself. */
function contextOf(e: SaeEvaluation): string {
  if (measuredUnit(e) === 'row') return '';
  return ` in sequences of ${e.corpus.contextSize} (<|bos|> before each ${beginsWithBos(e)}), ${e.metrics.positions} predictions`;
}

/** What the text has a <|bos|> before. */
function beginsWithBos({ corpus }: SaeEvaluation): string {
  return corpus.prependBos === true ? 'sequence and document' : 'document only';
}

function probingOf({ sae, probing }: SaeEvaluation): string {
  if (probing === null) return '';
  const head = ['label', 'majority', ...probing.sizes.map((k) => `k = ${k}`), 'all activations'];
  const line = (name: string, majority: number, accuracy: readonly number[], raw: number) => [
    name,
    share(majority),
    ...accuracy.map(share),
    share(raw),
  ];
  const rows = probing.classes.map((c) => line(c.label, c.majority, c.accuracy, c.rawAccuracy));
  const mean = line('mean', probing.majority, probing.accuracy, probing.rawAccuracy);
  return (
    `**${sae.name}**: ${probing.task}; each label against the rest, ${probing.trainDocuments} training and ` +
    `${probing.testDocuments} test documents.\n\n${markdown(head, [...rows, mean])}`
  );
}

function tableOf(columns: readonly Column[], evaluations: readonly SaeEvaluation[]): string {
  return markdown(
    columns.map(({ title }) => title),
    evaluations.map((evaluation) => columns.map(({ of }) => of(evaluation))),
  );
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, i) => Math.max(...all.map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const [first = [], ...rest] = all;
  return [line(first), rule, ...rest.map(line)].join('\n');
}

function digits(value: number | null, precision = 3): string {
  if (value === null || !Number.isFinite(value)) return '–';
  return String(Number(value.toPrecision(precision)));
}

function share(value: number | null): string {
  return value === null || !Number.isFinite(value) ? '–' : `${(100 * value).toFixed(1)} %`;
}

const NOTES = `Special tokens are left out of every number and keep their activations in all three conditions.
Explained variance is 1 − FVU, pooled over tokens and dimensions about the per-dimension mean; "EV (legacy)" is SAELens'
per-token form. CE recovered is (CE zero-abl. − CE with SAE) / (CE zero-abl. − CE clean): zero ablation is drastic, so
read ΔCE beside it; in nanochat parts of the stream bypass the hook, so neither compares across model families. Dead and
dense count the tokens of this evaluation.`;
