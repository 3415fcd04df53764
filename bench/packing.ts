// npm run bench -- packing [--json] [--tokens N] [--evaluate N]
// What it changes that every context begins with <|bos|>: the demo recipe trained on N tokens with and without, each SAE
// measured on held-out text packed with and without. Last line: JSON.
import { parseArgs } from 'node:util';
import { evaluateSae } from '../src/engine/evaluate/evaluateSae';
import { DEMO_RECIPE, openSaeWithDemo, trainDemoSae } from './demo/demoRecipe';

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      tokens: { type: 'string', default: '102400' },
      evaluate: { type: 'string', default: '16384' },
    },
  });
  const rows: Record<string, unknown>[] = [];
  for (const trainedWith of [false, true]) {
    const form = { ...DEMO_RECIPE, tokens: Number(values.tokens) };
    const { zip } = await trainDemoSae(form, { prependBos: trainedWith });
    const opened = await openSaeWithDemo(zip);
    for (const measuredWith of [false, true]) {
      const o = { contextSize: 256, seed: 0, epoch: 0, prependBos: measuredWith };
      const metrics = await evaluateSae({
        ...opened,
        corpus: await opened.corpusHost.pack(opened.model.tokenizer, 'heldOut', o),
        tokens: Number(values.evaluate),
        readMatrix: opened.backend.readMatrix,
        onBatch: () => Promise.resolve(),
      });
      const { explainedVariance, ceLossRecovered, mse, tokens } = metrics;
      rows.push({ trainedWith, measuredWith, explainedVariance, ceLossRecovered, mse, tokens });
    }
  }
  if (!values.json) console.table(rows);
  console.log(JSON.stringify(rows));
}
