// The surprise of the unsteered model at texts generated with one strength: a few short ones, each from the
// same prompt with its own seed. Sends no events; doseResponse owns the edits.
import type { SampledSurprise } from '../../core/steer/steeringReport';
import type { SteeredRequest } from './api';
import type { EngineHosts } from '../hosts';
import type { PreparedSteering } from './preparedSteering';
import type { SlotValuesInForce } from '../generate/textEdits';
import { makeTextLanes } from '../generate/textLanes';

const TEXTS = 3;
const TOKENS = 24;

type SampleRequest = {
  generation: SteeredRequest;
  promptIds: Int32Array;
  prepared: PreparedSteering;
  /** per slot, for whole texts */
  values: SlotValuesInForce;
  /** called once per token: processes messages, throws if the dose was cancelled */
  goOn: () => Promise<void>;
};

/** By the seeds seed, seed + 1 and seed + 2, with the request's sampling. */
export async function sampleSurprise(
  hosts: Pick<EngineHosts, 'modelHost'>,
  o: SampleRequest,
): Promise<SampledSurprise> {
  const means: number[] = [];
  for (let i = 0; i < TEXTS; i++) {
    means.push(await surpriseOfText(hosts, o, o.generation.seed + i));
  }
  return {
    mean: means.reduce((sum, mean) => sum + mean, 0) / TEXTS,
    lowest: Math.min(...means),
    highest: Math.max(...means),
  };
}

/** Mean over the tokens that the lane chose, nats. */
async function surpriseOfText(
  { modelHost }: Pick<EngineHosts, 'modelHost'>,
  { generation, promptIds, prepared, values, goOn }: SampleRequest,
  seed: number,
): Promise<number> {
  const { tokenizer, facts } = modelHost.current();
  const { temperature, topK } = generation;
  const names = ['baseline', 'steered'] as const;
  const runtime = await modelHost.runtime();
  const session = await runtime.startDecode({ lanes: names.length, edits: prepared.edits });
  try {
    const lanes = makeTextLanes({
      session,
      tokenizer,
      promptIds,
      names,
      prefix: {},
      rule: { temperature, seed, topK: topK === 0 ? null : topK },
      edits: prepared,
    });
    let sum = 0;
    let chosen = 0;
    for (let count = 0; count < TOKENS; count++) {
      if (session.position + lanes.inputLength > facts.sequence_len) break;
      const { tokens } = await lanes.step(() => values);
      const said = tokens.find(({ lane }) => lane === 'steered');
      if (said === undefined) break;
      // null: forced by a tool. The first token is never forced, so the mean is not empty.
      const surprise = said.steered?.surprise ?? null;
      if (surprise !== null) {
        sum += surprise;
        chosen++;
      }
      await goOn();
    }
    return sum / chosen;
  } finally {
    session.dispose();
  }
}
