// npm run bench -- demoTexts --features 12,34:0.4 [--prompt TEXT]… [--strengths 0.2,0.35,0.5] [--seeds 1,2,3] [--length N] [--json]
// npm run bench -- demoTexts --chosen docs/demoFeatures.json --seeds 42 --length 24 [--prompt TEXT]…
// Texts to read before a feature of the bundled SAE is chosen for the demo: each feature at each strength (‖Δ‖ over the
// stream's typical norm; one behind a feature's number is its own) beside the unsteered text of the same seed, with what
// the page would warn of. --chosen takes features and strengths as they ship, and says after each prompt how many of them
// change what follows it: without --prompt, the text that Start opens on, as Start writes on from it. Chooses nothing: a
// person reads them (docs/demo.md). Last line: JSON.
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { FirstReading } from '../src/core/explore/firstReading';
import type { ChosenFeature } from '../src/core/statistics/chosenFeatures';
import { addLatent } from '../src/core/steer/steering';
import { startNodeEngine, type ListenedEngine } from '../tests/helpers/engine/nodeEngine';
import { makeNodeParts } from '../tests/helpers/engine/nodeParts';
import { valueOf } from './demo/outcome';
import { TEXT_LENGTH } from './demo/textLength';

const SAMPLING = { temperature: 0.6, topK: 50 } as const;
const FIRST_READING = 'public/demo/firstReading.json';

type Steered = { latentIndex: number; label: string; strength: number; ratio: number };

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      features: { type: 'string', default: '0' },
      chosen: { type: 'string' },
      prompt: { type: 'string', multiple: true },
      strengths: { type: 'string', default: '0.2,0.35,0.5' },
      seeds: { type: 'string', default: '1' },
      length: { type: 'string', default: String(TEXT_LENGTH) },
      json: { type: 'boolean', default: false },
    },
  });
  const node = await startNodeEngine(makeNodeParts({ schedule: (tell) => setImmediate(tell) }));
  const { engine } = node;
  valueOf(await engine.model.open({ kind: 'demo' }));
  const [sae] = await engine.sae.list();
  if (sae === undefined) throw new Error('demoTexts: the bundled SAE is missing');
  const { saeId } = sae;
  const steered =
    values.chosen === undefined
      ? await atStrengths(node, saeId, values.features, values.strengths)
      : await asChosen(node, saeId, values.chosen);
  const prompts =
    values.prompt ??
    (values.chosen === undefined
      ? ['Once upon a time']
      : [(await readJson<FirstReading>(FIRST_READING)).text]);
  const say = (line: string) => {
    if (!values.json) console.log(line);
  };
  const texts: Record<string, unknown>[] = [];
  for (const prompt of prompts) {
    for (const seed of values.seeds.split(',').map(Number)) {
      say(`\nafter “${prompt}”, seed ${seed}`);
      let changed = 0;
      for (const { latentIndex, label, strength, ratio } of steered) {
        const steer = addLatent({ saeId, latentIndex, value: strength });
        const { warnings } = valueOf(await engine.steer.check(steer));
        const request = { ...SAMPLING, prompt, maxTokens: Number(values.length), seed, steer };
        const lanes = await write(node, request);
        if (lanes.with !== lanes.without) changed++;
        texts.push({ latentIndex, strength, ratio, prompt, seed, ...lanes, warnings });
        say(`\n${latentIndex} ${label} × ${strength} max = ${ratio.toFixed(2)} of the stream`);
        say(`  without: ${lanes.without}\n  with:    ${lanes.with}`);
        for (const warning of warnings) say(`  warning: ${warning}`);
      }
      say(`\n${changed} of ${steered.length} change the ${values.length} tokens after it`);
    }
  }
  console.log(JSON.stringify(texts));
}

/** `features`: numbers, each with its own ratio behind a colon or at all of `strengths`. */
async function atStrengths(
  node: ListenedEngine,
  saeId: string,
  features: string,
  strengths: string,
): Promise<Steered[]> {
  const steered: Steered[] = [];
  for (const part of features.split(',')) {
    const [index = '0', own] = part.split(':');
    const latentIndex = Number(index);
    const unit = await ratioOfOne(node, saeId, latentIndex);
    for (const ratio of (own ?? strengths).split(',').map(Number)) {
      // As the dial of the page steps.
      const strength = Math.round((20 * ratio) / unit) / 20;
      steered.push({ latentIndex, label: '', strength, ratio });
    }
  }
  return steered;
}

async function asChosen(node: ListenedEngine, saeId: string, file: string): Promise<Steered[]> {
  const steered: Steered[] = [];
  for (const { latentIndex, label, strength } of await readJson<ChosenFeature[]>(file)) {
    const unit = await ratioOfOne(node, saeId, latentIndex);
    steered.push({ latentIndex, label, strength, ratio: strength * unit });
  }
  return steered;
}

/** ‖Δ‖ over the stream's typical norm when the feature's largest activation is added once. */
async function ratioOfOne(
  { engine }: ListenedEngine,
  saeId: string,
  latentIndex: number,
): Promise<number> {
  const steer = addLatent({ saeId, latentIndex, value: 0 });
  const { scales } = valueOf(await engine.steer.check(steer));
  const { maxAct, medianNorm } = scales[0] ?? { maxAct: null, medianNorm: 0 };
  if (maxAct === null || maxAct === 0) throw new Error(`demoTexts: ${latentIndex} never fired`);
  return maxAct / medianNorm;
}

async function readJson<T>(file: string): Promise<T> {
  return JSON.parse(await readFile(file, 'utf8')) as T;
}

let lastId = 0;

/** Both lanes of one text. Events come after the command has resolved: its last one says that all are there. */
async function write(
  { engine, events }: ListenedEngine,
  request: Parameters<ListenedEngine['engine']['steer']['generate']>[1],
): Promise<{ without: string; with: string }> {
  const id = ++lastId;
  events.length = 0;
  valueOf(await engine.steer.generate(id, request));
  const isOver = () =>
    events.some((event) => event.kind === 'generated' && event.generationId === id);
  while (!isOver()) await new Promise((go) => setImmediate(go));
  const lane = (name: 'baseline' | 'steered') =>
    events
      .flatMap((event) =>
        event.kind === 'token' && event.generationId === id && event.lane === name
          ? [event.token.isSpecial ? ' ' : event.token.text]
          : [],
      )
      .join('');
  return { without: lane('baseline'), with: lane('steered') };
}
