// Turn one feature off, leave it, double it, and see what the model would say next.
//   npm run example -- feature-steering
import { InterpretableModel, Sae } from 'nanoscope';

export async function main({
  checkpoint = 'public/demo',
  saePath = 'public/demo/sae',
  text = 'The dog and the cat',
} = {}) {
  const model = await InterpretableModel.open(checkpoint);
  const sae = await Sae.open(saePath);
  await model.addSae(sae);

  // The feature that fires strongest on the last token.
  await model.interpret(text, []);
  const [features] = await model.activeFeatures();
  const { latentIndex } = features!.perToken.at(-1)![0]!;

  const said: { strength: number; token: string; logits: Float32Array }[] = [];
  for (const strength of [0, 1, 2]) {
    const { logits, tokenIds } = await model.steer(text, {
      hook: sae.facts.hookPoint,
      latent: latentIndex,
      strength,
    });
    const last = logits.subarray(logits.length - logits.length / tokenIds.length);
    const best = last.reduce((top, value, i) => (value > last[top]! ? i : top), 0);
    said.push({ strength, token: model.tokenizer.tokenText(best), logits });
    console.log(`feature ${latentIndex} × ${strength}: then ${JSON.stringify(said.at(-1)!.token)}`);
  }
  const untouched = await model.interpret(text, []);
  await model.dispose();
  return { latentIndex, said, untouched };
}
