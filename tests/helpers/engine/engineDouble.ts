// A hand-made EngineApi for tests of the page: plain answers, every command recorded. It computes
// nothing; the real engine has its own tests.
import { choosesK, type SaeArchitecture } from '../../../src/core/sae/architecture';
import { vi, type Mock } from 'vitest';
import { ConfigError } from '../../../src/core/errors';
import { hookPoint } from '../../../src/core/activations/hookPoint';
import { SHARED } from './sharedContent';
import type { LabelGuess } from '../../../src/core/statistics/latentLabel';
import { makeSaeConfig, totalSteps, type SaeConfig } from '../../../src/core/sae/sae';
import type { EngineApi, EngineEvent } from '../../../src/engine/api';
import type { DeviceFacts, Outcome, Problem } from '../../../src/engine/shared/api';
import type { CorpusFacts } from '../../../src/engine/text/api';
import type { ImportCheck, ModelFacts } from '../../../src/engine/model/api';
import type { SaeFacts } from '../../../src/engine/sae/api';
import type { LiveTiles, RunFacts, TrainForm } from '../../../src/engine/train/api';
import type {
  Example,
  LatentCard,
  LatentDashboard,
  LatentDetails,
  LatentRow,
} from '../../../src/engine/statistics/api';
import type {
  Ablation,
  AblationRequest,
  ActiveText,
  ActiveTextRequest,
  LatentReading,
  LatentReplay,
  NearestMisses,
} from '../../../src/engine/explore/api';

export const DEVICE: DeviceFacts = {
  problem: null,
  adapter: 'Test adapter',
  isSoftware: false,
  modelBackend: 'webgpu',
  backendReason: 'This machine has a GPU: the model is fastest there.',
  saeBackend: 'webgpu',
  saeBackendReason: 'This machine has a GPU: SAEs are fastest there.',
};

export const MODEL: ModelFacts = {
  id: 'demo~3f9a1c07b2de',
  formerId: 'demo~3f9a1c07b2de',
  keptId: 'demo~3f9a1c07b2de',
  name: 'demo',
  isDemo: true,
  revision: 'r5',
  revisionSince: '2025-12-28',
  step: 911,
  valBpb: 1.0986,
  stage: { isChat: false, why: 'Neither its folder nor its meta file mentions chat training.' },
  parameterCount: 7_341_216,
  byteLength: 23_456_789,
  n_layer: 2,
  n_embd: 256,
  n_head: 4,
  n_kv_head: 4,
  vocab_size: 4096,
  sequence_len: 256,
  window_pattern: 'SL',
  logitSoftcap: 15,
  possibleSoftcaps: [],
  hookPoints: [hookPoint(0, 'hook_resid_post'), hookPoint(1, 'hook_resid_post')],
  backend: 'webgpu',
  precision: 'f32',
  precisionReason: 'Automatic: 29 MB of weights fit unchanged, in f32.',
};

export const CHECK: ImportCheck = {
  modelId: MODEL.id,
  loss: 2.5,
  tokens: 8192,
  bytes: 28_000,
  bitsPerByte: 1.0552,
  contextSize: 256,
  corpus: { name: 'demo', isDemo: true },
  isNanochatText: false,
};

export const CORPUS: CorpusFacts = {
  id: 'demo~6bf7cffd2f2c',
  name: 'demo',
  isDemo: true,
  documents: 3449,
  characters: 1_500_000,
  tokens: 436_554,
  sample: 'Once there was a bundled text.',
  notes: [],
};

export const DEMO_SAE: SaeFacts = {
  saeId: 'demo-l1~b81e440a9c15',
  name: 'demo-l1',
  modelId: MODEL.id,
  hookPoint: 'blocks.1.hook_resid_post',
  d_in: 256,
  d_sae: 20,
  architecture: 'topk',
  k: 4,
  contextSize: 256,
  origin: 'demo',
  tokens: 500_000,
  explainedVariance: 0.79,
  l0: 31.6,
  deadFraction: 0.05,
  statisticsTokens: 10_000,
};

/** 20 latents; the larger the index, the weaker; 19 is dead. */
export const ROWS: LatentRow[] = Array.from({ length: 20 }, (_, latentIndex) => {
  const fireCount = latentIndex === 19 ? 0 : 10 * (latentIndex + 1);
  return {
    latentIndex,
    fireCount,
    density: fireCount / 10_000,
    maxAct: latentIndex === 19 ? 0 : 40 - latentIndex,
    meanAct: latentIndex === 19 ? 0 : 10,
    kurtosis: latentIndex === 19 ? null : latentIndex / 4 - 1,
    isAlwaysOn: false,
    neighbourCosine: 0.9 - latentIndex / 40,
    neighbourIndex: (latentIndex + 1) % 20,
    firesOn: latentIndex === 19 ? [] : [`word${latentIndex}`],
    topToken: ` token${latentIndex}`,
  };
});

/** Odd latents have none; the score falls with the index. */
export const GUESSES: LabelGuess[] = ROWS.map(({ latentIndex, fireCount }) => ({
  latentIndex,
  text: latentIndex % 2 === 1 ? null : `after “word${latentIndex}”`,
  score: latentIndex % 2 === 1 ? null : 0.9 - latentIndex / 25,
  fires: fireCount,
  heldOutFires: fireCount === 0 ? 0 : 3,
}));

export function problem(what: string, wayOut: string, field: string | null = null): Problem {
  return { kind: 'file', what, wayOut, field };
}

function exampleOf(word: string, act: number): Example {
  const tokens = ['<|bos|>', ' once', word].map((text, i) => ({
    tokenId: 100 + i,
    text,
    act: i === 2 ? act : 0,
    isSpecial: i === 0,
  }));
  return { tokens, peak: 2, act, repeats: 1, firstPosition: 0 };
}

const MISSES: NearestMisses = { tokensSearched: 16_384, examples: [exampleOf(' almost', -0.5)] };

/** Two interval groups, one of them without examples. */
function detailsOf(row: LatentRow): LatentDetails {
  const isDead = row.fireCount === 0;
  const half = row.maxAct / 2;
  const groups = [
    { from: half, to: row.maxAct, count: 1, examples: [exampleOf(' high', row.maxAct)] },
    { from: 0, to: half, count: row.fireCount - 1, examples: [] },
  ];
  return {
    excludedTokens: 300,
    moments: { mean: 0.02, meanSquare: 0.5, skew: isDead ? null : 30, kurtosis: 400 },
    randomExamples: isDead ? [] : [exampleOf(' low', half)],
    intervals: isDead ? [] : groups,
    quantiles: isDead ? [] : groups.slice(0, 1),
    neighbours: [{ latentIndex: 7, firesOn: ['word7'], cosine: 0.75 }],
    partners: [{ latentIndex: 8, firesOn: ['word8'], phi: 0.4, together: 25, conditional: 0.5 }],
    partnerTokens: 625,
  };
}

function dashboardOf(row: LatentRow): LatentDashboard {
  return {
    row,
    tokensSeen: 10_000,
    histogram: { binWidth: 1, counts: row.fireCount === 0 ? [] : [row.fireCount - 1, 0, 1] },
    topExamples: row.fireCount === 0 ? [] : [exampleOf(` peak${row.latentIndex}`, row.maxAct)],
    details: detailsOf(row),
    topLogits: [{ text: ' up', tokenId: 1, value: 2.5 }],
    bottomLogits: [{ text: ' down', tokenId: 2, value: -2.5 }],
  };
}

function cardOf(row: LatentRow): LatentCard {
  const isDead = row.fireCount === 0;
  const line = {
    before: ' once ',
    token: `peak${row.latentIndex}`,
    after: ' more',
    act: row.maxAct,
  };
  return {
    row,
    tokensSeen: 10_000,
    histogram: isDead ? [] : [row.fireCount - 1, 0, 1],
    lines: isDead ? [] : [line],
  };
}

/** Fires by 2 on the last word of the text. */
function readingOf(latentIndex: number, text: string): LatentReading {
  const words = text.split(/(?= )/).filter((word) => word !== '');
  const tokens = ['<|bos|>', ...words].map((word, i) => ({
    tokenId: 100 + i,
    text: word,
    isSpecial: i === 0,
    act: i > 0 && i === words.length ? 2 + latentIndex : 0,
  }));
  return { tokens, maxAct: words.length === 0 ? 0 : 2 + latentIndex };
}

/** Latent i fires on word i, as strongly as it ever does. */
function activeTextOf({ text, saeIds }: ActiveTextRequest): ActiveText {
  const words = text.split(/(?= )/);
  const found = words.map((_, i) => ({ latentIndex: i % 19, act: 40 - (i % 19) }));
  return {
    tokens: words.map((word, i) => ({ tokenId: 100 + i, text: word, isSpecial: false })),
    leftOut: 0,
    saes: saeIds.map((saeId) => ({
      saeId,
      tokens: found.map((latent) => [latent]),
      latents: found.map(({ latentIndex, act }, peak) => {
        return { latentIndex, maxAct: act, meanAct: act, fires: 1, peak };
      }),
    })),
  };
}

/** The last token but one is the first to change. */
function ablationOf({ tokenIds, position }: AblationRequest): Ablation {
  const first = position ?? Math.max(0, tokenIds.length - 2);
  return {
    firstChanged: first,
    tokens: tokenIds.map((tokenId, i) => ({
      tokenId,
      text: ` word${tokenId}`,
      isSpecial: i === 0,
      act: i === first ? 3 : 0,
      isEdited: position === null || i === position,
      kl: i < first ? 0 : 0.25,
      deltaLogProb: i === tokenIds.length - 1 ? null : i < first ? 0 : -0.5,
    })),
  };
}

/** Those asked for, then 0, 1, 2 … */
function liveTilesOf(latentIndices: number[], fill: number): LiveTiles {
  const rest = [...Array(100).keys()].filter((index) => !latentIndices.includes(index));
  return {
    step: 10,
    tokens: 2048,
    refusal: null,
    tiles: [...latentIndices, ...rest.slice(0, fill)].map((latentIndex) => ({
      latentIndex,
      fireCount: 32,
      fireRate: 1 / 64,
      maxAct: 5,
      histogram: { binWidth: 1, counts: [20, 8, 0, 3, 1] },
      examples: [
        {
          tokens: [' a', ` live${latentIndex}`].map((text, i) => ({
            tokenId: 50 + i,
            text,
            isSpecial: false,
            act: i === 1 ? 5 : null,
          })),
          peak: 1,
          act: 5,
        },
      ],
    })),
  };
}

/** Saved at 0, 8 and 64: turns to what it is at 8. */
function replayOf(examples: number[][]): LatentReplay {
  return {
    frames: [0, 8, 64].map((step, i) => ({
      step,
      decoderCosine: [0.1, 0.8, 1][i] ?? 0,
      encoderCosine: [0.1, 0.7, 1][i] ?? 0,
      b_enc: 0,
      tokensSinceFired: 0,
      isDead: false,
      encoderNorm: 1 + i,
      nearest: { latentIndex: 2, cosine: 0.5 - i / 10 },
      bids: examples.map((tokens) => tokens.map((_, t) => (t === tokens.length - 1 ? 4 * i : 0))),
    })),
  };
}

function checked(form: TrainForm): Outcome<SaeConfig> {
  const d_sae = Math.round(256 * form.expansionFactor);
  if (form.k > d_sae) {
    const what = `k must be a whole number from 1 to ${d_sae}: ${form.k}.`;
    return { ok: false, problem: problem(what, 'Change this value.', 'k') };
  }
  const { advanced, k, ...fields } = form;
  const sizes = { d_in: 256, d_sae, contextSize: 256 };
  try {
    return {
      ok: true,
      value: makeSaeConfig<SaeArchitecture>({
        ...advanced,
        ...fields,
        ...(choosesK(form.architecture ?? 'topk') ? { k } : {}),
        ...sizes,
      }),
    };
  } catch (cause) {
    if (!(cause instanceof ConfigError)) throw cause;
    return { ok: false, problem: problem(cause.message, 'Change this value.', cause.field) };
  }
}

export function runOf(form: TrainForm, over: Partial<RunFacts> = {}): RunFacts {
  const outcome = checked(form);
  if (!outcome.ok) throw new Error(outcome.problem.what);
  return {
    runId: 'run-1',
    modelId: MODEL.id,
    corpusId: CORPUS.id,
    config: outcome.value,
    phase: { kind: 'training' },
    step: 10,
    totalSteps: totalSteps(outcome.value),
    tokensPerSecond: 5000,
    etaSeconds: 60,
    savedStep: null,
    source: 'model',
    warning: null,
    companions: 0,
    ...over,
  };
}

/** Commands that belong to no slice. */
type Own = Pick<EngineApi, 'subscribe' | 'answer' | 'cancel'>;
type Slices = Omit<EngineApi, keyof Own>;
type Mocked<Slice> = {
  [Command in keyof Slice]: Slice[Command] extends Procedure ? Mock<Slice[Command]> : never;
};
type Procedure = (...args: never[]) => unknown;
type EngineDouble = Mocked<Own> & {
  [Name in keyof Slices]: Mocked<Slices[Name]>;
};

/** Answers to replace, by slice. */
export type EngineAnswers = Partial<Pick<Own, 'subscribe' | 'answer'>> & {
  [Name in keyof Slices]?: Partial<Slices[Name]>;
};

/** The double and a way to speak as the engine. Any answer can be replaced. */
export function makeEngineDouble({ subscribe, answer, ...answers }: EngineAnswers = {}) {
  let listener: (events: EngineEvent[]) => void = () => undefined;
  const ok = <T>(value: T): Promise<Outcome<T>> => Promise.resolve({ ok: true, value });
  const done = () => Promise.resolve();
  const api: EngineDouble = {
    subscribe: vi.fn<EngineApi['subscribe']>((heard) => {
      listener = heard;
      heard([
        { kind: 'device', device: DEVICE },
        { kind: 'corpus', corpus: CORPUS },
      ]);
      return Promise.resolve();
    }),
    answer: vi.fn<EngineApi['answer']>(done),
    cancel: vi.fn<EngineApi['cancel']>(done),
    activations: {
      setKeeping: vi.fn<EngineApi['activations']['setKeeping']>(() => ok(null)),
      forget: vi.fn<EngineApi['activations']['forget']>(() => ok(null)),
    },
    text: {
      open: vi.fn<EngineApi['text']['open']>(() => ok(CORPUS)),
      export: vi.fn<EngineApi['text']['export']>(() => ok(new Blob(['{"text":"a"}\n']))),
    },
    model: {
      open: vi.fn<EngineApi['model']['open']>(() => ok(MODEL)),
      inspect: vi.fn<EngineApi['model']['inspect']>(() => ok([])),
      rowMatrices: vi.fn<EngineApi['model']['rowMatrices']>(() => Promise.resolve([])),
      holdsRows: vi.fn<EngineApi['model']['holdsRows']>(() => Promise.resolve(false)),
      rows: vi.fn<EngineApi['model']['rows']>(() => Promise.resolve([])),
      listRemote: vi.fn<EngineApi['model']['listRemote']>(() =>
        Promise.reject(new Error('unused')),
      ),
      deleteDownload: vi.fn<EngineApi['model']['deleteDownload']>(done),
      tokenize: vi.fn<EngineApi['model']['tokenize']>((text) =>
        Promise.resolve(
          text
            .split(/(?= )/)
            .map((part, i) => ({ tokenId: 100 + i, text: part, isSpecial: false })),
        ),
      ),
      checkImport: vi.fn<EngineApi['model']['checkImport']>(() => ok(CHECK)),
      setBackend: vi.fn<EngineApi['model']['setBackend']>(() =>
        Promise.resolve({ ok: true, value: null }),
      ),
      setSoftcap: vi.fn<EngineApi['model']['setSoftcap']>(() => ok(null)),
      setPrecision: vi.fn<EngineApi['model']['setPrecision']>(() => ok(null)),
      measurePrecisionLoss: vi.fn<EngineApi['model']['measurePrecisionLoss']>(() =>
        ok({
          modelId: MODEL.id,
          precision: 'int8',
          corpus: 'demo',
          nats: 3.51,
          exactNats: 3.5,
          tokens: 8192,
        }),
      ),
      deleteKept: vi.fn<EngineApi['model']['deleteKept']>(() => ok(null)),
    },
    records: {
      exportRaw: vi.fn<EngineApi['records']['exportRaw']>(() => ok(new Blob(['zip']))),
      delete: vi.fn<EngineApi['records']['delete']>(() => ok(null)),
    },
    sae: {
      setBackend: vi.fn<EngineApi['sae']['setBackend']>(() =>
        Promise.resolve({ ok: true, value: null }),
      ),
      list: vi.fn<EngineApi['sae']['list']>(() => Promise.resolve([DEMO_SAE])),
      savedSteps: vi.fn<EngineApi['sae']['savedSteps']>(() => ok([])),
      savedLogits: vi.fn<EngineApi['sae']['savedLogits']>(() =>
        Promise.reject(new Error('unused')),
      ),
      logitHistogram: vi.fn<EngineApi['sae']['logitHistogram']>(() =>
        ok({ from: -3, binWidth: 2, counts: [1, 90, 9] }),
      ),
      export: vi.fn<EngineApi['sae']['export']>(() => ok(new Blob(['zip']))),
      find: vi.fn<EngineApi['sae']['find']>((files) => ok([{ folder: '', byteLength: 0, files }])),
      import: vi.fn<EngineApi['sae']['import']>(() => ok(DEMO_SAE)),
      openDemoTranscoders: vi.fn<EngineApi['sae']['openDemoTranscoders']>(() => ok([])),
      store: vi.fn<EngineApi['sae']['store']>(() => ok(DEMO_SAE)),
      rename: vi.fn<EngineApi['sae']['rename']>((_, name) => ok({ ...DEMO_SAE, name })),
      delete: vi.fn<EngineApi['sae']['delete']>(done),
    },
    evaluate: {
      run: vi.fn<EngineApi['evaluate']['run']>(() => ok(null)),
      measureFit: vi.fn<EngineApi['evaluate']['measureFit']>((saeId) =>
        ok({ saeId, modelId: MODEL.id, tokens: 2048, explainedVariance: 0.8, corpus: 'demo' }),
      ),
      list: vi.fn<EngineApi['evaluate']['list']>(() => Promise.resolve([])),
    },
    generate: {
      run: vi.fn<EngineApi['generate']['run']>(() => ok(null)),
      pause: vi.fn<EngineApi['generate']['pause']>(done),
      resume: vi.fn<EngineApi['generate']['resume']>(done),
      step: vi.fn<EngineApi['generate']['step']>(done),
    },
    train: {
      check: vi.fn<EngineApi['train']['check']>((form) => Promise.resolve(checked(form))),
      handoff: vi.fn<EngineApi['train']['handoff']>(() =>
        ok([{ path: 'train_sae.py', blob: new Blob(['import torch']) }]),
      ),
      measureSpeed: vi.fn<EngineApi['train']['measureSpeed']>(() =>
        ok({
          captureTokensPerSecond: 4000,
          stepSeconds: 0.1,
          runsOn: 'cpu',
          profile: { why: 'No kernels here.' },
        }),
      ),
      start: vi.fn<EngineApi['train']['start']>((form) => ok(runOf(form))),
      queue: vi.fn<EngineApi['train']['queue']>((form) =>
        ok(runOf(form, { phase: { kind: 'queued' } })),
      ),
      playQueue: vi.fn<EngineApi['train']['playQueue']>(() => ok([])),
      moveInQueue: vi.fn<EngineApi['train']['moveInQueue']>(done),
      pause: vi.fn<EngineApi['train']['pause']>(done),
      resume: vi.fn<EngineApi['train']['resume']>(() => Promise.reject(new Error('unused'))),
      saveSoon: vi.fn<EngineApi['train']['saveSoon']>(done),
      stop: vi.fn<EngineApi['train']['stop']>(done),
      list: vi.fn<EngineApi['train']['list']>(() => Promise.resolve([])),
      points: vi.fn<EngineApi['train']['points']>(() => Promise.resolve([])),
      live: vi.fn<EngineApi['train']['live']>(({ latentIndices, fill }) =>
        ok(liveTilesOf(latentIndices, fill)),
      ),
      liveLogits: vi.fn<EngineApi['train']['liveLogits']>(() =>
        ok({
          step: 12,
          topLogits: [{ text: ' up', tokenId: 1, value: 2.5 }],
          bottomLogits: [{ text: ' down', tokenId: 2, value: -2.5 }],
        }),
      ),
      delete: vi.fn<EngineApi['train']['delete']>(done),
    },
    steer: {
      generate: vi.fn<EngineApi['steer']['generate']>(() => ok(null)),
      setSlotValue: vi.fn<EngineApi['steer']['setSlotValue']>(done),
      check: vi.fn<EngineApi['steer']['check']>(() => ok({ scales: [], warnings: [] })),
      measureDose: vi.fn<EngineApi['steer']['measureDose']>(() =>
        Promise.reject(new Error('unused')),
      ),
      makeVector: vi.fn<EngineApi['steer']['makeVector']>(() =>
        Promise.reject(new Error('unused')),
      ),
      listVectors: vi.fn<EngineApi['steer']['listVectors']>(() => Promise.resolve([])),
      deleteVector: vi.fn<EngineApi['steer']['deleteVector']>(done),
    },
    statistics: {
      chosen: vi.fn<EngineApi['statistics']['chosen']>(() => ok([])),
      compute: vi.fn<EngineApi['statistics']['compute']>(() => ok(DEMO_SAE)),
      rows: vi.fn<EngineApi['statistics']['rows']>(() => ok(ROWS)),
      dashboard: vi.fn<EngineApi['statistics']['dashboard']>((_saeId, index) => {
        const row = ROWS[index];
        return row === undefined
          ? Promise.resolve({
              ok: false,
              problem: problem(`no latent ${index}`, 'Choose another.'),
            })
          : ok(dashboardOf(row));
      }),
      cards: vi.fn<EngineApi['statistics']['cards']>((_saeId, indices) =>
        ok(indices.flatMap((index) => ROWS[index] ?? []).map(cardOf)),
      ),
      exportDashboards: vi.fn<EngineApi['statistics']['exportDashboards']>(() =>
        ok(new Blob(['{}'])),
      ),
      notes: vi.fn<EngineApi['statistics']['notes']>(() => ok([])),
      setNote: vi.fn<EngineApi['statistics']['setNote']>((_saeId, note) => ok(note)),
      guessLabels: vi.fn<EngineApi['statistics']['guessLabels']>(() => ok(GUESSES)),
      labelGuesses: vi.fn<EngineApi['statistics']['labelGuesses']>(() => Promise.resolve(null)),
    },
    circuits: {
      trace: vi.fn<EngineApi['circuits']['trace']>(() => Promise.reject(new Error('unused'))),
      effects: vi.fn<EngineApi['circuits']['effects']>(() => Promise.reject(new Error('unused'))),
      exportJson: vi.fn<EngineApi['circuits']['exportJson']>(() => ok(new Blob(['{}']))),
    },
    explore: {
      history: vi.fn<EngineApi['explore']['history']>(() => ok([])),
      births: vi.fn<EngineApi['explore']['births']>(() => ok(null)),
      replay: vi.fn<EngineApi['explore']['replay']>(({ examples }) => ok(replayOf(examples))),
      activeLatents: vi.fn<EngineApi['explore']['activeLatents']>((request) =>
        ok(activeTextOf(request)),
      ),
      compare: vi.fn<EngineApi['explore']['compare']>(() => Promise.reject(new Error('unused'))),
      follow: vi.fn<EngineApi['explore']['follow']>(() => Promise.reject(new Error('unused'))),
      neighboursIn: vi.fn<EngineApi['explore']['neighboursIn']>(({ latentIndex }) =>
        ok([{ latentIndex: latentIndex + 100, firesOn: ['there'], cosine: 0.75 }]),
      ),
      map: vi.fn<EngineApi['explore']['map']>(() => Promise.reject(new Error('unused'))),
      clusters: vi.fn<EngineApi['explore']['clusters']>(() => Promise.reject(new Error('unused'))),
      nearestMisses: vi.fn<EngineApi['explore']['nearestMisses']>(() => ok(MISSES)),
      exactPartners: vi.fn<EngineApi['explore']['exactPartners']>(() =>
        ok({
          partners: [
            { latentIndex: 4, firesOn: ['word4'], phi: 0.5, together: 30, conditional: 0.6 },
          ],
          partnerTokens: 10_000,
        }),
      ),
      readText: vi.fn<EngineApi['explore']['readText']>(({ latentIndex, text }) =>
        ok(readingOf(latentIndex, text)),
      ),
      ablate: vi.fn<EngineApi['explore']['ablate']>((request) => ok(ablationOf(request))),
      nextLogProbs: vi.fn<EngineApi['explore']['nextLogProbs']>((tokenIds) =>
        ok(tokenIds.map((_, i) => (i + 1 === tokenIds.length ? null : -0.5 * (i + 1)))),
      ),
    },
    share: {
      exportSae: vi.fn<EngineApi['share']['exportSae']>(() => ok(new Blob(['zip']))),
      collect: vi.fn<EngineApi['share']['collect']>(() => ok(SHARED)),
      packLink: vi.fn<EngineApi['share']['packLink']>(() =>
        ok({ payload: 'abc', content: SHARED }),
      ),
      packFile: vi.fn<EngineApi['share']['packFile']>(() => ok(new Blob(['gzip']))),
      readLink: vi.fn<EngineApi['share']['readLink']>(() => ok(SHARED)),
      readFile: vi.fn<EngineApi['share']['readFile']>(() => ok(SHARED)),
      fetchForeign: vi.fn<EngineApi['share']['fetchForeign']>(() => ok([])),
      lookAtSource: vi.fn<EngineApi['share']['lookAtSource']>(() =>
        Promise.reject(new Error('unused')),
      ),
      openFolder: vi.fn<EngineApi['share']['openFolder']>(() => ok([DEMO_SAE])),
      fetchFile: vi.fn<EngineApi['share']['fetchFile']>(() => ok(SHARED)),
      publish: vi.fn<EngineApi['share']['publish']>(() =>
        ok([{ path: 'nanoscope-saes.zip', blob: new Blob(['zip']) }]),
      ),
      checkFeatures: vi.fn<EngineApi['share']['checkFeatures']>(() =>
        ok({ kind: 'reproduced', compared: 3, largest: 0.001 }),
      ),
    },
  };
  if (subscribe !== undefined) api.subscribe.mockImplementation(subscribe);
  if (answer !== undefined) api.answer.mockImplementation(answer);
  for (const [slice, commands] of Object.entries(answers)) {
    for (const [command, answer] of Object.entries(commands)) {
      Object.assign(api[slice as keyof Slices], { [command]: vi.fn(answer) });
    }
  }
  return { api, emit: (...events: EngineEvent[]) => listener(events) };
}
