// npm run bench -- presets [--json] [--write] [--seeds 20] [--trials 12] [--candidates 4] [--classes 7]
// Finds the Steer screen's demo presets by trial. Word classes are fixed below, before anything is measured.
// A class's candidates are the live features whose best direct-path token is a word of the class. Each is tried
// at several strengths on a few seeds; the best that does not fall into repetition is then measured on other
// seeds, baseline and steered with the same noise. Up to three with the largest gain are the presets.
// Last line of output: JSON. --write puts them into src/ui/steer/tools/demoPresets.json.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { formatShareState, EMPTY_SHARE } from '../src/core/share/shareState';
import { addLatent } from '../src/core/steer/steering';
import type { EngineEvent } from '../src/engine/api';
import type { GeneratedToken } from '../src/engine/generate/api';
import type { SteeredRequest } from '../src/engine/steer/api';
import type { LatentRow } from '../src/engine/statistics/api';
import { startNodeEngine, type ListenedEngine } from '../tests/helpers/nodeEngine';
import { makeNodeParts } from '../tests/helpers/nodeParts';

const OUTPUT = new URL('../src/ui/steer/tools/demoPresets.json', import.meta.url);
const PROMPT = 'There was a';
const TOKENS = 24;
const SAMPLING = { temperature: 0.6, topK: 50 } as const;
const STRENGTHS = [0.75, 1.5, 2, 3] as const;
const CANDIDATES = 4;
/** Classes that are measured after the trial. */
const FINALISTS = 7;
/** A steered text must keep this share of the baseline's distinct words: louder is not better. */
const LEAST_VARIETY = 0.6;
/** A preset adds at least this share of words, on the seeds of the measurement. */
const LEAST_GAIN = 0.01;
/** Seeds of the trial and of the measurement do not meet. */
const TRIAL_SEED = 1000;
const MEASURE_SEED = 1;

const CLASSES: readonly { name: string; words: readonly string[] }[] = [
  {
    name: 'Women and girls',
    words: 'she her hers girl girls woman women lady mother sister'.split(' '),
  },
  {
    name: 'Animals',
    words: 'cat cats dog dogs bird birds horse horses cow bear sheep animal'.split(' '),
  },
  {
    name: 'Water',
    words: 'water beach ocean sea wave waves river boat surf surfboard lake'.split(' '),
  },
  {
    name: 'Food',
    words: 'food pizza eat eating cake dinner restaurant sandwich cook meal'.split(' '),
  },
  {
    name: 'Sport',
    words: 'ball baseball tennis game player players bat football team soccer'.split(' '),
  },
  { name: 'Questions', words: 'what why who where how when question which'.split(' ') },
  { name: 'You and I', words: 'i you me my your we our us'.split(' ') },
];

type WordClass = (typeof CLASSES)[number];
type Measured = {
  baseline: number;
  steered: number;
  meanKl: number | null;
  variety: number;
  words: number;
};
type Trial = { wordClass: WordClass; row: LatentRow; strength: number; measured: Measured };

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
      seeds: { type: 'string', default: '20' },
      trials: { type: 'string', default: '12' },
      candidates: { type: 'string', default: String(CANDIDATES) },
      classes: { type: 'string', default: String(CLASSES.length) },
    },
  });
  const seeds = Number(values.seeds);
  const node = await startNodeEngine(makeNodeParts({ schedule: (tell) => setImmediate(tell) }));
  const opened = await node.engine.model.open({ kind: 'demo' });
  if (!opened.ok) throw new Error(opened.problem.what);
  const [sae] = await node.engine.sae.list();
  if (sae === undefined) throw new Error('presets: the demo SAE is missing');
  const rows = await node.engine.statistics.rows(sae.saeId);
  if (!rows.ok) throw new Error(rows.problem.what);
  const say = (line: string) => {
    if (!values.json) console.log(line);
  };

  const best: Trial[] = [];
  const candidates = Number(values.candidates);
  const classes = CLASSES.slice(0, Number(values.classes));
  for (const wordClass of classes) {
    const trial = await bestOfClass(node, {
      saeId: sae.saeId,
      wordClass,
      rows: rows.value,
      candidates,
      seeds: Number(values.trials),
      say,
    });
    if (trial !== null) best.push(trial);
  }
  best.sort((a, b) => gain(b.measured) - gain(a.measured));
  const found: Trial[] = [];
  for (const trial of best.slice(0, FINALISTS)) {
    const o = { ...trial, saeId: sae.saeId, firstSeed: MEASURE_SEED, seeds };
    const measured = await measure(node, o);
    found.push({ ...trial, measured });
    say(lineOf('measured', { ...trial, measured }));
  }
  found.sort((a, b) => gain(b.measured) - gain(a.measured));
  const isGood = ({ measured }: Trial) =>
    gain(measured) >= LEAST_GAIN && measured.variety >= LEAST_VARIETY;
  const presets = found
    .filter(isGood)
    .slice(0, 3)
    .map((trial) => presetOf(trial, sae.saeId, opened.value.id, seeds));
  const method =
    `Measured by bench/presets.ts on the demo: prompt “${PROMPT}”, ${TOKENS} tokens, temperature ` +
    `${SAMPLING.temperature}, top-k ${SAMPLING.topK}, seeds ${MEASURE_SEED} to ${MEASURE_SEED + seeds - 1}, ` +
    `baseline and steered with the same noise. Word classes were fixed beforehand; feature and strength were ` +
    `chosen among ${candidates} candidates of a class and ${STRENGTHS.length} strengths on other seeds. Kept: what adds 1 % of words or more and keeps 60 % of the baseline’s distinct words; of ${classes.length} classes.`;
  const file = {
    method,
    sae: sae.saeId,
    presets,
    others: found.filter((trial) => !isGood(trial)).map(otherOf),
  };
  if (values.write) await writeFile(OUTPUT, `${JSON.stringify(file, null, 2)}\n`);
  console.log(JSON.stringify(file));
}

/** The feature and strength that gain most on the trial's seeds; null where no feature has such a token. */
async function bestOfClass(
  node: ListenedEngine,
  o: {
    saeId: string;
    wordClass: WordClass;
    rows: readonly LatentRow[];
    /** features of the class that are tried */
    candidates: number;
    seeds: number;
    say: (line: string) => void;
  },
): Promise<Trial | null> {
  const { saeId, wordClass, rows, seeds, say } = o;
  const candidates = rows
    .filter(({ topToken, maxAct, density }) => {
      const token = (topToken ?? '').trim().toLowerCase();
      return maxAct > 0 && density < 0.1 && wordClass.words.includes(token);
    })
    .sort((a, b) => b.density - a.density)
    .slice(0, o.candidates);
  let best: Trial | null = null;
  for (const row of candidates) {
    for (const strength of STRENGTHS) {
      const asked = { saeId, wordClass, row, strength, firstSeed: TRIAL_SEED, seeds };
      const trial = { wordClass, row, strength, measured: await measure(node, asked) };
      say(lineOf('tried', trial));
      if (trial.measured.variety < LEAST_VARIETY) continue;
      if (best === null || gain(trial.measured) > gain(best.measured)) best = trial;
    }
  }
  return best;
}

async function measure(
  { engine, events }: ListenedEngine,
  o: {
    saeId: string;
    wordClass: WordClass;
    row: LatentRow;
    strength: number;
    firstSeed: number;
    seeds: number;
  },
): Promise<Measured> {
  const texts = { baseline: [] as string[], steered: [] as string[] };
  const kls: number[] = [];
  for (let seed = o.firstSeed; seed < o.firstSeed + o.seeds; seed++) {
    const { latentIndex } = o.row;
    const steer = addLatent({ saeId: o.saeId, latentIndex, value: o.strength });
    const request = { ...SAMPLING, prompt: PROMPT, maxTokens: TOKENS, seed, steer };
    const lanes = await generate({ engine, events }, request);
    texts.baseline.push(wordsText(lanes.baseline));
    texts.steered.push(wordsText(lanes.steered));
    kls.push(...lanes.steered.flatMap((token) => token.steered?.kl ?? []));
  }
  const [baseline, steered] = [texts.baseline, texts.steered].map((all) => all.map(wordsOf));
  const share = (all: string[][]) => {
    const words = all.flat();
    return (
      words.filter((word) => o.wordClass.words.includes(word)).length / Math.max(1, words.length)
    );
  };
  const variety = (all: string[][]) =>
    all.reduce((sum, words) => sum + new Set(words).size / Math.max(1, words.length), 0);
  return {
    baseline: share(baseline!),
    steered: share(steered!),
    meanKl: kls.length === 0 ? null : kls.reduce((a, b) => a + b, 0) / kls.length,
    variety: variety(steered!) / variety(baseline!),
    words: steered!.flat().length,
  };
}

let lastId = 0;

/** Both lanes of one text. Events come after the command has resolved: its last one says that all are there. */
async function generate(
  { engine, events }: Pick<ListenedEngine, 'engine' | 'events'>,
  request: SteeredRequest,
): Promise<Record<'baseline' | 'steered', GeneratedToken[]>> {
  const id = ++lastId;
  events.length = 0;
  const outcome = await engine.steer.generate(id, request);
  if (!outcome.ok) throw new Error(outcome.problem.what);
  const isEnd = (event: EngineEvent) => event.kind === 'generated' && event.generationId === id;
  while (!events.some(isEnd)) await new Promise((go) => setImmediate(go));
  const lane = (name: 'baseline' | 'steered') =>
    events.flatMap((event): GeneratedToken[] =>
      event.kind === 'token' && event.generationId === id && event.lane === name
        ? [event.token]
        : [],
    );
  return { baseline: lane('baseline'), steered: lane('steered') };
}

function wordsText(tokens: readonly GeneratedToken[]): string {
  return tokens.map(({ text, isSpecial }) => (isSpecial ? ' ' : text)).join('');
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z]+/g) ?? [];
}

function gain({ baseline, steered }: Measured): number {
  return steered - baseline;
}

function presetOf(trial: Trial, saeId: string, model: string, seeds: number) {
  const { wordClass, row, strength, measured } = trial;
  const hash = formatShareState({
    ...EMPTY_SHARE,
    view: 'steer',
    model,
    sae: saeId,
    steer: [
      {
        target: { kind: 'latent', latentIndex: row.latentIndex, saeRef: null },
        hook: null,
        mode: 'add',
        value: strength,
        unit: 'max',
        isMuted: false,
      },
    ],
    prompt: PROMPT,
    length: TOKENS,
    seed: MEASURE_SEED,
  });
  return {
    name: wordClass.name,
    hash,
    seed: MEASURE_SEED,
    latentIndex: row.latentIndex,
    strength,
    effect: {
      what: `Share of the words ${wordClass.words.join(', ')}`,
      baseline: rounded(measured.baseline),
      steered: rounded(measured.steered),
      seeds,
      tokens: TOKENS,
      meanKl: measured.meanKl === null ? null : rounded(measured.meanKl),
      variety: rounded(measured.variety),
    },
  };
}

function otherOf({ wordClass, row, strength, measured }: Trial) {
  return {
    name: wordClass.name,
    latentIndex: row.latentIndex,
    strength,
    baseline: rounded(measured.baseline),
    steered: rounded(measured.steered),
    variety: rounded(measured.variety),
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function lineOf(what: string, { wordClass, row, strength, measured }: Trial): string {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  return (
    `${what} ${wordClass.name}: feature ${row.latentIndex} (${row.topToken}) × ${strength}: ` +
    `${percent(measured.baseline)} -> ${percent(measured.steered)}, variety ${measured.variety.toFixed(2)}, ` +
    `KL ${measured.meanKl === null ? '-' : measured.meanKl.toFixed(2)}`
  );
}
