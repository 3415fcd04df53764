// Read a text with a model and an SAE: what it predicts, and which features each token wakes.
//   npm run example -- interpret-model
import { InterpretableModel, loadSaes } from 'nanoscope';

export async function main({
  checkpoint = 'public/demo',
  saes = 'public/demo/sae',
  text = 'Once upon a time, there was a little dog.',
} = {}) {
  const model = await InterpretableModel.open(checkpoint);
  // Weights are read when an SAE is asked for, and at most four are held.
  for await (const sae of await loadSaes(saes, { mostOpen: 4 })) await model.addSae(sae);

  const { tokens, logits, activations } = await model.interpret(text);
  for (const [hook, values] of activations) {
    console.log(`${hook}: ${tokens.length} × ${values.length / tokens.length}`);
  }
  const [features] = await model.activeFeatures({ top: 3 });
  for (const [i, active] of features!.perToken.entries()) {
    const told = active.map(({ latentIndex, act }) => `${latentIndex} (${act.toFixed(0)})`);
    console.log(`${JSON.stringify(tokens[i])}: ${told.join(', ')}`);
  }
  await model.dispose();
  return { tokens, logits, activations, features: features! };
}
