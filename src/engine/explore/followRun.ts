// Follows a nanochat through its training: an SAE, or one a checkpoint, reads the same text at every model_<step>.pt of a
// folder. What was read of a checkpoint is kept, so that looking again reads the new ones only. The open model stays.
import { counted } from '../../core/text/counted';
import { decoderDrift, followLatents, type StepReading } from '../../core/explore/followedRun';
import { parseHookPoint, writePoint } from '../../core/activations/hookPoint';
import { makeReconstructionMeter } from '../../core/evaluate/reconstruction';
import { ConfigError, FormatError, invariant } from '../../core/errors';
import type { SaeParams } from '../../core/sae/sae';
import { saeName } from '../../core/sae/saeName';
import { inspectFolder, readNanochatFolder } from '../../formats/model/nanochatFolder';
import { makeTokenizer } from '../../model/tokenizer';
import type { ModelRuntime } from '../../model/modelTypes';
import type { EngineHosts } from '../hosts';
import { makeJobSlot, type Job } from '../jobs';
import { fitModel } from '../model/modelImport';
import { startRuntime } from '../model/startRuntime';
import { viewToken } from '../model/tokenView';
import type { SaeFacts } from '../sae/api';
import type { JobId } from '../shared/api';
import type { FollowedRun, FollowedStep, FollowRequest, UnreadStep } from './api';

/** Tokens of the text that are read. */
const MAX_TOKENS = 1000;

type Kept = { reading: StepReading; facts: FollowedStep; tokens: FollowedRun['tokens'] };
type Checkpoint = { folder: string; step: number; saeId: string; key: string };
/** An SAE that is ready to read. */
type Reader = { sae: SaeFacts; params: SaeParams };

export type FollowHost = {
  /** Throws ConfigError for an empty text, and where no checkpoint is found or none fits the SAE. */
  follow: (request: FollowRequest, jobId?: JobId) => Promise<FollowedRun>;
};

export function createFollowHost(hosts: EngineHosts): FollowHost {
  const slot = makeJobSlot(hosts, {
    kind: 'following',
    cancelled: 'Reading the checkpoints was cancelled. What was read is kept.',
  });
  /** Of one text: another one starts anew. */
  let kept = { text: '', steps: new Map<string, Kept>() };
  return {
    follow: (request, jobId) =>
      slot.run(jobId, async (job) => {
        if (request.text.trim() === '') {
          throw new ConfigError('text is empty: type a few words first.', 'text');
        }
        if (kept.text !== request.text) kept = { text: request.text, steps: new Map() };
        const { steps } = kept;
        const wanted = await checkpointsOf(request);
        const unread: UnreadStep[] = [];
        for (const [done, checkpoint] of wanted.entries()) {
          await job.step('Reading checkpoints', done, wanted.length, 'steps');
          if (steps.has(checkpoint.key)) continue;
          try {
            steps.set(checkpoint.key, await readStep(hosts, request, checkpoint, job));
          } catch (cause) {
            // Perhaps it is still being written; the next look reads it.
            if (!(cause instanceof FormatError)) throw cause;
            unread.push({ step: checkpoint.step, why: cause.message });
          }
        }
        const read = wanted.flatMap(({ key }) => steps.get(key) ?? []);
        return {
          saeId: request.saeId,
          tokens: read[0]?.tokens ?? [],
          steps: read.map(({ facts }) => facts),
          unread,
          latents: followLatents(
            read.map(({ reading }) => reading),
            request.saeOfStep === undefined ? null : await driftOf(hosts, read),
          ),
        };
      }),
  };
}

/** Those of the folder with the most, ascending by step. */
async function checkpointsOf({ files, saeId, saeOfStep }: FollowRequest): Promise<Checkpoint[]> {
  const all = (await inspectFolder(files)).flatMap(({ folder, step, byteLength }) => {
    const of = step === null ? undefined : saeOfStep === undefined ? saeId : saeOfStep[step];
    if (step === null || of === undefined) return [];
    return [{ folder, step, saeId: of, key: JSON.stringify([folder, step, byteLength, of]) }];
  });
  const inFolder = (folder: string) => all.filter((one) => one.folder === folder);
  const folders = [...new Set(all.map(({ folder }) => folder))].map(inFolder);
  const [most = []] = folders.sort((a, b) => b.length - a.length);
  if (most.length > 0) return most.sort((a, b) => a.step - b.step);
  throw new ConfigError(
    `no model_<step>.pt among ${counted(files.length, 'file')}: give the folder that nanochat writes its checkpoints to`,
    'checkpoint',
  );
}

/** One SAE at a time in memory, besides the last. */
async function driftOf({ library }: EngineHosts, read: readonly Kept[]): Promise<Float32Array[]> {
  const last = await library.params(read.at(-1)?.facts.saeId ?? '');
  const drift: Float32Array[] = [];
  for (const { facts } of read) drift.push(decoderDrift(await library.params(facts.saeId), last));
  return drift;
}

async function readStep(
  hosts: EngineHosts,
  { files, text }: FollowRequest,
  { folder, step, saeId }: Checkpoint,
  job: Job,
): Promise<Kept> {
  const { device, library, modelHost } = hosts;
  const ownTokenizer = modelHost.currentOrNull()?.read?.tokenizerFile;
  const { checkpoint, tokenizer: file } = await readNanochatFolder(files, {
    folder,
    step,
    tokenizer: ownTokenizer,
  });
  const sae = await library.get(saeId);
  const { n_layer: layers, n_embd: width, sequence_len: longest } = checkpoint.config;
  if (width !== sae.d_in || parseHookPoint(sae.hookPoint).layer >= layers) {
    throw new ConfigError(
      `${saeName(sae)} reads ${sae.hookPoint} with width ${sae.d_in}; the checkpoint of step ${step} has ${layers} layers of width ${width}. Choose an SAE of this model.`,
      'sae',
    );
  }
  const fit = await fitModel(device, checkpoint, null, () => undefined);
  job.signal.throwIfAborted();
  const tokenizer = makeTokenizer(file);
  const ids = tokenizer.encodeOrdinary(text).slice(0, MAX_TOKENS);
  const params = await library.params(saeId);
  const runtime = await startRuntime(hosts, checkpoint, fit);
  try {
    const bos = tokenizer.specialTokenId('<|bos|>');
    const room = longest - 1;
    const parts = Array.from({ length: Math.ceil(ids.length / room) }, (_, i) =>
      Int32Array.from([bos, ...ids.slice(i * room, (i + 1) * room)]),
    );
    const { read, fvu, l0 } = await readParts(hosts, runtime, { sae, params }, parts);
    return {
      reading: { step, parts: read },
      facts: { step, valBpb: checkpoint.valBpb, fvu, l0, saeId },
      tokens: ids.map((tokenId) => viewToken(tokenizer, tokenId)),
    };
  } finally {
    await runtime.dispose();
  }
}

/** parts: each begins with <|bos|>, which is read and not counted. */
async function readParts(
  { device }: EngineHosts,
  runtime: ModelRuntime,
  { sae, params }: Reader,
  parts: readonly Int32Array[],
) {
  const backend = await device.sae();
  const place = writePoint(sae.hookPoint);
  const meter = makeReconstructionMeter(params);
  const read: StepReading['parts'][number][] = [];
  const encoder = await backend.createEncoder(params, { rows: 256 });
  try {
    for (const part of parts) {
      const capture = await runtime.capture(part, 1, [...new Set([sae.hookPoint, place])]);
      try {
        const rows = Uint32Array.from({ length: part.length - 1 }, (_, i) => i + 1);
        const [input, target] = [capture.hooks.get(sae.hookPoint), capture.hooks.get(place)];
        invariant(input !== undefined && target !== undefined, `${place} was not captured`);
        const code = await encoder.encode(input, rows);
        meter.add((await backend.readMatrix(target)).slice(params.d_in), code);
        read.push({ code, tokens: rows.length });
      } finally {
        capture.release();
      }
    }
  } finally {
    encoder.dispose();
  }
  const { fvu, l0 } = meter.finish();
  return { read, fvu, l0 };
}
