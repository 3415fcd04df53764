// One evaluation from SAE id to record: brings together model, encoder, held-out text and labelled documents,
// and frees what it created. evaluationHost handles rows, queue and storage.
import { countedUnit } from '../activations/activationFeed';
import { parseHookPoint } from '../../core/activations/hookPoint';
import type { SaeEvaluation, SaeMetrics, TogetherMetrics } from '../../core/evaluate/evaluation';
import type { ProbingResult } from '../../core/evaluate/probing/kSparseProbe';
import { saeName } from '../../core/sae/saeName';
import type { SaeBackend } from '../../core/train/saeBackend';
import type { SaeFacts } from '../sae/api';
import type { EvaluationForm } from './api';
import { APP_VERSION } from '../appVersion';
import type { OpenCorpus, PackedCorpus } from '../text/corpusHost';
import { evaluateSae } from './evaluateSae';
import { evaluateTogether, type Spliced } from './evaluateTogether';
import type { EngineHosts } from '../hosts';
import { probeSae, readProbingTask } from './probeSae';
import { checkSaeFits } from '../sae/saeFit';

export type EvaluationHooks = {
  onProgress: (
    phase: string,
    done: number,
    total: number,
    unit: 'tokens' | 'rows' | 'documents',
  ) => void;
  /** Called with the results so far; cheap enough for every batch. */
  onMeasured: (describe: () => SaeEvaluation) => void;
  /** Between batches; throws to cancel. */
  pause: () => Promise<void>;
};

/** Throws what any part throws; `onMeasured` has then received the results so far. */
export async function runEvaluation(
  o: EngineHosts,
  saeId: string,
  form: EvaluationForm,
  hooks: EvaluationHooks,
): Promise<SaeEvaluation> {
  const sae = await o.library.get(saeId);
  const model = o.modelHost.current();
  checkSaeFits(sae, model.facts);
  const started = o.parts.now();
  // Read first, so that an unusable file fails before minutes of measuring.
  const { probing: source } = form;
  const task = source === null ? null : await readProbingTask(o.parts, source, model.rows);
  const params = await o.library.params(saeId);
  const backend = await o.device.sae();
  const encoder = await backend.createEncoder(params);
  try {
    const text = o.corpusHost.current();
    const corpus = await text.pack(model.tokenizer, 'heldOut', {
      contextSize: Math.min(sae.contextSize, model.facts.sequence_len),
      seed: 0,
      epoch: 0,
    });
    const frame = describeFrame({ sae, backend, text, corpus, form });
    const runtime = await o.modelHost.runtime();
    const describe = (metrics: SaeMetrics, probing: ProbingResult | null): SaeEvaluation => ({
      ...frame,
      // Known once it has computed: the first choice may not work on this machine.
      model: { id: model.facts.id, backend: runtime.provider() },
      date: new Date(o.parts.wallClock()).toISOString(),
      isComplete: false,
      seconds: (o.parts.now() - started) / 1000,
      metrics,
      probing,
    });
    const shared = {
      params,
      hook: sae.hookPoint,
      encoder,
      runtime,
      readMatrix: backend.readMatrix,
    };
    const total = Math.min(form.tokens, frame.availableTokens);
    const metrics = await evaluateSae({
      ...shared,
      corpus,
      tokens: form.tokens,
      onBatch: async (done, measured) => {
        hooks.onProgress(
          `Measuring ${saeName(sae)}`,
          Math.min(done, total),
          total,
          countedUnit(runtime),
        );
        hooks.onMeasured(() => describe(measured(), null));
        await hooks.pause();
      },
    });
    if (task === null) return { ...describe(metrics, null), isComplete: true };
    const probing = await probeSae({
      ...shared,
      task,
      tokenizer: model.tokenizer,
      onBatch: async (done, all) => {
        hooks.onProgress(`Probing ${saeName(sae)}`, done, all, 'documents');
        await hooks.pause();
      },
    });
    return { ...describe(metrics, probing), isComplete: true };
  } finally {
    encoder.dispose();
  }
}

/** Several transcoders of one queue at once, after each alone; on the text of the one with the shortest context. */
export async function runTogether(
  o: EngineHosts,
  saes: readonly SaeFacts[],
  form: EvaluationForm,
  hooks: Pick<EvaluationHooks, 'onProgress' | 'pause'>,
): Promise<TogetherMetrics> {
  const model = o.modelHost.current();
  const backend = await o.device.sae();
  const ordered = [...saes].sort(
    (a, b) => parseHookPoint(a.hookPoint).layer - parseHookPoint(b.hookPoint).layer,
  );
  const transcoders: Spliced[] = [];
  try {
    for (const { saeId, hookPoint: hook } of ordered) {
      const params = await o.library.params(saeId);
      transcoders.push({ params, hook, encoder: await backend.createEncoder(params) });
    }
    const contextSizes = ordered.map(({ contextSize }) => contextSize);
    const corpus = await o.corpusHost.current().pack(model.tokenizer, 'heldOut', {
      contextSize: Math.min(...contextSizes, model.facts.sequence_len),
      seed: 0,
      epoch: 0,
    });
    const total = Math.min(form.tokens, countTokens(corpus));
    const metrics = await evaluateTogether({
      transcoders,
      runtime: await o.modelHost.runtime(),
      corpus,
      tokens: form.tokens,
      readMatrix: backend.readMatrix,
      onBatch: async (done) => {
        const phase = `Measuring ${ordered.length} transcoders together`;
        hooks.onProgress(phase, Math.min(done, total), total, 'tokens');
        await hooks.pause();
      },
    });
    return {
      saes: ordered.map(({ saeId: id, name, hookPoint }) => ({ id, name, hookPoint })),
      metrics,
    };
  } finally {
    for (const { encoder } of transcoders) encoder.dispose();
  }
}

function describeFrame(o: {
  sae: SaeFacts;
  backend: SaeBackend;
  text: OpenCorpus;
  corpus: PackedCorpus;
  form: EvaluationForm;
}): Omit<SaeEvaluation, 'model' | 'date' | 'isComplete' | 'seconds' | 'metrics' | 'probing'> {
  const { sae, corpus } = o;
  const { id, name } = o.text.facts();
  return {
    appVersion: APP_VERSION,
    sae: {
      id: sae.saeId,
      name: sae.name,
      architecture: sae.architecture,
      hookPoint: sae.hookPoint,
      d_in: sae.d_in,
      d_sae: sae.d_sae,
      k: sae.k,
      trainingTokens: sae.tokens,
      deadFraction: sae.deadFraction,
    },
    adapter: o.backend.description,
    corpus: { id, name, part: 'held-out', contextSize: corpus.contextSize, prependBos: true },
    requestedTokens: o.form.tokens,
    availableTokens: countTokens(corpus),
  };
}

function countTokens(corpus: PackedCorpus): number {
  let tokens = 0;
  for (let i = 0; i < corpus.count; i++) tokens += corpus.countedPositions(i).length;
  return tokens;
}
