// What the precision of the weights costs: validation loss of the model as it runs, and of the same model
// with f32 weights on the same backend and tokens.
import { modelNeeds, refusal } from '../../core/model/modelNeeds';
import { createModelRuntime } from '../../model/modelRuntime';
import type { ModelRuntime } from '../../model/modelTypes';
import type { PrecisionLoss } from './api';
import type { EngineHosts } from '../hosts';
import { measureValidationLoss } from './validationLoss';

/** Tokens of one sequence at most. */
const CONTEXT = 256;

/** tokens: held-out tokens of the open corpus, at most. Throws what the corpus and the runtimes throw. */
export async function measurePrecisionLoss(o: EngineHosts, tokens: number): Promise<PrecisionLoss> {
  const { checkpoint, tokenizer, facts } = o.modelHost.current();
  const text = o.corpusHost.current();
  const contextSize = Math.min(CONTEXT, facts.sequence_len);
  const corpus = await text.pack(tokenizer, 'heldOut', { contextSize, seed: 0, epoch: 0 });
  const limits = await o.device.limits();
  const exactNeeds = modelNeeds(checkpoint.config, checkpoint.tensors, 'f32');
  const isExact = facts.precision === 'f32';
  const passes = isExact || refusal(exactNeeds, limits) !== null ? 1 : 2;
  let finished = 0;
  const measure = async (runtime: ModelRuntime) => {
    const loss = await measureValidationLoss(runtime, corpus, tokens, async (done) => {
      const phase = `Measuring the loss in ${runtime.weightPrecision}`;
      o.emit({
        kind: 'progress',
        job: 'loss',
        progress: {
          job: 'loss',
          phase,
          done: finished + done,
          total: passes * tokens,
          unit: 'tokens',
        },
      });
      await o.parts.breathe();
      await o.turns.waitForIdle();
    });
    finished += loss.tokens;
    return loss;
  };
  try {
    const loss = await measure(await o.modelHost.runtime());
    const exactNats =
      passes === 1 ? (isExact ? loss.nats : null) : await measureExact(o, checkpoint, measure);
    const { id: modelId, precision } = facts;
    return { modelId, precision, ...loss, exactNats, corpus: text.facts().name };
  } finally {
    o.emit({ kind: 'progress', job: 'loss', progress: null });
  }
}

/** A second runtime for the while: its weights are given back before it returns. */
async function measureExact(
  o: EngineHosts,
  checkpoint: ModelRuntime['checkpoint'],
  measure: (runtime: ModelRuntime) => Promise<{ nats: number }>,
): Promise<number> {
  const { backend } = o.modelHost.current().facts;
  const runtime = await createModelRuntime({
    checkpoint,
    backend,
    device: backend === 'webgpu' ? (await o.device.acquire()).handle : null,
  });
  try {
    return (await measure(runtime)).nats;
  } finally {
    await runtime.dispose();
  }
}
