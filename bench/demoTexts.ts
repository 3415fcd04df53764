// npm run bench -- demoTexts --features 12,34:0.4 [--prompt TEXT] [--strengths 0.2,0.35,0.5] [--seeds 1,2,3] [--length N] [--json]
// Texts to read before a feature of the bundled SAE is chosen for the demo: each feature at each strength (‖Δ‖ over the
// stream's typical norm; one behind a feature's number is its own) beside the unsteered text of the same seed, with what
// the page would warn of. Chooses nothing: a person reads them (docs/demo.md). Last line: JSON.
import { parseArgs } from 'node:util';
import { addLatent } from '../src/core/steer/steering';
import { startNodeEngine, type ListenedEngine } from '../tests/helpers/engine/nodeEngine';
import { makeNodeParts } from '../tests/helpers/engine/nodeParts';
import { valueOf } from './demo/outcome';
import { TEXT_LENGTH } from './demo/textLength';

const SAMPLING = { temperature: 0.6, topK: 50 } as const;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      features: { type: 'string' },
      prompt: { type: 'string', default: 'Once upon a time' },
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
  const texts: Record<string, unknown>[] = [];
  for (const part of (values.features ?? '0').split(',')) {
    const [index = '0', own] = part.split(':');
    const latentIndex = Number(index);
    const steerBy = (value: number) => addLatent({ saeId: sae.saeId, latentIndex, value });
    const { scales } = valueOf(await engine.steer.check(steerBy(0)));
    const { maxAct, medianNorm } = scales[0] ?? { maxAct: null, medianNorm: 0 };
    if (maxAct === null || maxAct === 0) throw new Error(`demoTexts: ${latentIndex} never fired`);
    for (const ratio of (own ?? values.strengths).split(',').map(Number)) {
      // As the dial of the page steps.
      const strength = Math.round((20 * ratio * medianNorm) / maxAct) / 20;
      const steer = steerBy(strength);
      const { warnings } = valueOf(await engine.steer.check(steer));
      for (const seed of values.seeds.split(',').map(Number)) {
        const { prompt } = values;
        const request = { ...SAMPLING, prompt, maxTokens: Number(values.length), seed, steer };
        const lanes = await write(node, request);
        const text = { latentIndex, strength, ratio, prompt, seed, ...lanes, warnings };
        texts.push(text);
        if (values.json) continue;
        console.log(`\n${latentIndex} × ${strength} max = ${ratio} of the stream, seed ${seed}`);
        console.log(`  without: ${lanes.without}\n  with:    ${lanes.with}`);
        for (const warning of warnings) console.log(`  warning: ${warning}`);
      }
    }
  }
  console.log(JSON.stringify(texts));
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
