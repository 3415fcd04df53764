// What the precision of the weights costs: validation loss of the model as it runs, and of the same model
// with f32 weights on the same backend and tokens.
import { modelNeeds, refusal } from '../../core/model/modelNeeds';
import type { ModelRuntime } from '../../model/modelTypes';
import type { PrecisionLoss } from './api';
import type { EngineHosts } from '../hosts';
import type { JobStep } from '../jobs';
import type { JobId } from '../shared/api';
import { measureValidationLoss } from './validationLoss';

/** Tokens of one sequence at most. */
const CONTEXT = 256;

/** tokens: held-out tokens of the open corpus, at most. Throws what the corpus and the runtimes throw. */
export function measurePrecisionLoss(
  o: EngineHosts,
  tokens: number,
  jobId?: JobId,
): Promise<PrecisionLoss> {
  o.modelHost.refuseIfNeeded();
  return o.jobs.run(
    { kind: 'loss', cancelled: 'Measuring the loss was cancelled.' },
    jobId,
    ({ step }) => measure(o, tokens, step),
  );
}

async function measure(o: EngineHosts, tokens: number, step: JobStep): Promise<PrecisionLoss> {
  const { checkpoint, tokenizer, facts } = o.modelHost.current();
  const text = o.corpusHost.current();
  const contextSize = Math.min(CONTEXT, facts.sequence_len);
  const corpus = await text.pack(tokenizer, 'heldOut', { contextSize, seed: 0, epoch: 0 });
  const limits = await o.device.limits();
  const exactNeeds = modelNeeds(checkpoint.config, checkpoint.tensors, 'f32');
  const isExact = facts.precision === 'f32';
  const passes = isExact || refusal(exactNeeds, limits) !== null ? 1 : 2;
  let finished = 0;
  const measurePass = async (runtime: ModelRuntime) => {
    const phase = `Measuring the loss in ${runtime.weightPrecision}`;
    const loss = await measureValidationLoss(runtime, corpus, tokens, (done) =>
      step(phase, finished + done, passes * tokens, 'tokens'),
    );
    finished += loss.tokens;
    return loss;
  };
  const loss = await measurePass(await o.modelHost.runtime());
  const exactNats =
    passes === 1 ? (isExact ? loss.nats : null) : await measureExact(o, checkpoint, measurePass);
  const { id: modelId, precision } = facts;
  return { modelId, precision, ...loss, exactNats, corpus: text.facts().name };
}

/** Uses a second, temporary runtime and releases its weights before returning. */
async function measureExact(
  o: EngineHosts,
  checkpoint: ModelRuntime['checkpoint'],
  measure: (runtime: ModelRuntime) => Promise<{ nats: number }>,
): Promise<number> {
  const { backend } = o.modelHost.current().facts;
  const runtime = await o.parts.createRuntime({
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
