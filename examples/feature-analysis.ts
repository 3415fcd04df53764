// What one feature fires on, and its page as a file.
//   npm run example -- feature-analysis
import { mkdir, writeFile } from 'node:fs/promises';
import { FeatureVisualizer, InterpretableModel, Sae } from 'nanoscope';

export async function main({
  checkpoint = 'public/demo',
  saePath = 'public/demo/sae',
  feature = 12,
  out = 'out/example',
} = {}) {
  const model = await InterpretableModel.open(checkpoint);
  const visualizer = new FeatureVisualizer(model, await Sae.open(saePath));

  const { row } = await visualizer.dashboard(feature);
  console.log(`feature ${feature} fires on ${(100 * row.density).toFixed(2)} % of the tokens`);
  const examples = await visualizer.maxActivatingExamples(feature, { top: 5 });
  for (const { tokens, peak, act } of examples) {
    const around = tokens.slice(Math.max(0, peak - 8), peak + 3).map(({ text }) => text);
    console.log(`${act.toFixed(0)}: …${around.join('')}…`);
  }
  await mkdir(out, { recursive: true });
  await writeFile(`${out}/feature_${feature}.html`, await visualizer.featureReport(feature));
  await model.dispose();
  return { row, examples };
}
