// Collect activations of a checkpoint, train an SAE on them, measure it, save it.
//   npm run example -- train-sae
import {
  collectActivations,
  InterpretableModel,
  SaeConfig,
  SaeEvaluator,
  textBatches,
  trainSaeFromActivations,
} from 'nanoscope';

export async function main({
  checkpoint = 'public/demo',
  data = 'public/demo/corpus.jsonl',
  tokens = 20_000,
  expansionFactor = 4,
  k = 32,
  out = 'out/example',
} = {}) {
  const model = await InterpretableModel.open(checkpoint, { data });
  const config = SaeConfig.fromModel(model, {
    layer: 2,
    expansionFactor,
    k,
    tokens,
    batchSize: 512,
  });
  const hook = config.hookPoint;

  // Any iterable of token batches will do; this one packs the text that was opened.
  const collected = await collectActivations(model, textBatches(model), {
    hooks: [hook],
    maxActivations: tokens,
  });
  const activations = collected.get(hook)!;
  console.log(`${activations.rows} activations of width ${activations.d_in} at ${hook}`);

  const sae = await trainSaeFromActivations(activations, config, {
    modelId: model.facts.id,
    onMetrics: ({ step, loss }, steps) => {
      if (step % 10 === 0) console.log(`step ${step} of ${steps}: loss ${loss.toFixed(3)}`);
    },
  });

  const { metrics } = await new SaeEvaluator(model).evaluate(sae, { tokens: 4_000 });
  console.log(
    `explained variance ${metrics.explainedVariance.toFixed(3)}, L0 ${metrics.l0.toFixed(1)}`,
  );
  await sae.save(out);
  await model.dispose();
  return { sae, metrics };
}
