// The available SAEs: the demo's, trained ones, imported ones. Facts are listed immediately; weights and
// statistics are loaded when first needed. All of them are folded: activations are in model units.
import { visibleText } from '../../core/text/visibleText';
import { ConfigError } from '../../core/errors';
import { parseHookPoint, type HookPoint } from '../../core/activations/hookPoint';
import type { SaeConfig, SaeParams } from '../../core/sae/sae';
import type { SaeStatistics } from '../../core/statistics/saeStatistics';
import { zipFiles } from '../../formats/archives/archive';
import { formatSaeLens, type ParsedSaeLens, type SaeLensFacts } from '../../formats/sae/saelens';
import { formatSaeStatistics } from '../../formats/sae/saeStatistics';
import { deleteRecord, repoint } from '../../storage/pointers';
import { sha256Hex } from '../../storage/storage';
import type { EngineEvent } from '../api';
import type { ModelFile } from '../shared/api';
import type { CorpusName } from '../text/api';
import type { SaeFacts } from './api';
import { APP_VERSION } from '../appVersion';
import type { EngineParts } from '../parts';
import { toProblem } from '../problems';
import {
  fetchDemoEntry,
  memoryEntry,
  readSaeFiles,
  storedEntry,
  type SaeEntry,
  type SaeRecord,
} from './saeEntries';

export type SaeLibrary = {
  list: () => Promise<SaeFacts[]>;
  get: (saeId: string) => Promise<SaeFacts>;
  params: (saeId: string) => Promise<SaeParams>;
  /** null until they are computed */
  statistics: (saeId: string) => Promise<SaeStatistics | null>;
  setStatistics: (
    saeId: string,
    statistics: SaeStatistics,
    corpus: CorpusName,
  ) => Promise<SaeFacts>;
  /** Statistics of a part of the corpus, made on request and kept in memory only. */
  previewStatistics: (
    saeId: string,
    corpus: CorpusName,
    part: { seen: number; goal: number },
    make: () => SaeStatistics,
  ) => Promise<void>;
  /** The pass ended early: its last preview, if any, becomes the statistics, with the goal it missed. */
  keepPreview: (saeId: string) => Promise<void>;
  addTrained: (o: TrainedSae) => Promise<SaeFacts>;
  import: (files: ModelFile[]) => Promise<SaeFacts>;
  export: (saeId: string) => Promise<Blob>;
  delete: (saeId: string) => Promise<void>;
  /** Told of an SAE that is gone: whoever keeps something of it forgets it. */
  onDeleted: (listener: (sae: SaeFacts) => Promise<void> | void) => void;
};

type TrainedSae = {
  runId: string;
  modelId: string;
  corpus: CorpusName;
  config: SaeConfig;
  tokens: number;
  explainedVariance: number | null;
  l0: number | null;
  deadFraction: number | null;
  params: SaeParams;
};

const PREFIX = 'sae/';

export function createSaeLibrary(
  parts: EngineParts,
  emit: (event: EngineEvent) => void,
): SaeLibrary {
  const { storage } = parts;
  const entries = new Map<string, SaeEntry>();
  const listeners: ((sae: SaeFacts) => Promise<void> | void)[] = [];
  let opening: Promise<void> | null = null;

  const open = async () => {
    const demo = await fetchDemoEntry(parts).catch((cause: unknown) => {
      emit({ kind: 'problem', problem: toProblem(cause) });
      return null;
    });
    if (demo !== null) entries.set(demo.facts.saeId, demo);
    for (const key of await storage.keys(PREFIX)) {
      const record = (await storage.getFacts(key)) as SaeRecord | undefined;
      if (record !== undefined) entries.set(record.facts.saeId, storedEntry(parts, record));
    }
  };
  const ready = () => {
    opening ??= open().catch((cause: unknown) => {
      opening = null;
      throw cause;
    });
    return opening;
  };
  const list = async () => {
    await ready();
    return [...entries.values()].map((entry) => entry.facts);
  };
  const announce = async () => {
    emit({ kind: 'saes', saes: await list() });
  };
  const entry = async (saeId: string): Promise<SaeEntry> => {
    await ready();
    const found =
      entries.get(saeId) ?? [...entries.values()].find(({ facts }) => facts.name === saeId);
    if (found === undefined) {
      throw new ConfigError(
        `${saeId}: no SAE of that name on this device. Train one, or import its files.`,
        'sae',
      );
    }
    return found;
  };

  /** Keeps the SAE in memory first, so that a full disk cannot lose what was just trained. */
  const add = async (facts: SaeFacts, params: SaeParams): Promise<SaeFacts> => {
    await ready();
    entries.set(facts.saeId, memoryEntry(facts, params));
    await announce();
    try {
      const files = zipFiles(formatSaeLens(params, saeLensFacts(facts, null)));
      const pointer = await storage.putBlob(`sae-files/${facts.saeId}`, files);
      const record: SaeRecord = { facts, files: pointer, statistics: null };
      await repoint(storage, PREFIX + facts.saeId, () => record);
    } catch (cause) {
      const problem = toProblem(cause);
      const wayOut = `${facts.name} is kept in this tab only: download it now. ${problem.wayOut}`;
      emit({ kind: 'problem', problem: { ...problem, wayOut } });
    }
    return facts;
  };

  const keepStatistics = async (
    saeId: string,
    statistics: SaeStatistics,
    o: { corpus: CorpusName; goal: number | null },
  ): Promise<SaeFacts> => {
    const held = await entry(saeId);
    const facts: SaeFacts = {
      ...held.facts,
      statisticsTokens: statistics.countedTokens,
      statisticsCorpus: { name: o.corpus.name, isDemo: o.corpus.isDemo },
    };
    if (o.goal === null) delete facts.statisticsGoal;
    const { loadParams } = held;
    const loadStatistics = () => Promise.resolve(statistics);
    entries.set(facts.saeId, { facts, loadParams, loadStatistics });
    const record = (await storage.getFacts(PREFIX + facts.saeId)) as SaeRecord | undefined;
    if (record !== undefined) {
      const pointer = await storage.putBlob(
        `sae-statistics/${facts.saeId}`,
        await formatSaeStatistics(statistics),
      );
      await repoint(storage, PREFIX + facts.saeId, (stored) =>
        stored === undefined ? undefined : { ...(stored as SaeRecord), facts, statistics: pointer },
      );
    }
    await announce();
    return facts;
  };

  return {
    list,
    get: async (saeId) => (await entry(saeId)).facts,
    params: async (saeId) => (await entry(saeId)).loadParams(),
    statistics: async (saeId) => (await entry(saeId)).loadStatistics(),
    setStatistics: (saeId, statistics, corpus) =>
      keepStatistics(saeId, statistics, { corpus, goal: null }),
    async previewStatistics(saeId, { name, isDemo }, { seen, goal }, make) {
      const held = await entry(saeId);
      const facts = {
        ...held.facts,
        statisticsTokens: seen,
        statisticsGoal: goal,
        statisticsCorpus: { name, isDemo },
      };
      let made: SaeStatistics | null = null;
      const loadStatistics = () => Promise.resolve((made ??= make()));
      entries.set(facts.saeId, { ...held, facts, loadStatistics, isPreview: true });
      await announce();
    },
    async keepPreview(saeId) {
      const { facts, isPreview, loadStatistics } = await entry(saeId);
      const statistics = isPreview === true ? await loadStatistics() : null;
      if (statistics === null || facts.statisticsCorpus === undefined) return;
      const goal = facts.statisticsGoal ?? null;
      await keepStatistics(saeId, statistics, { corpus: facts.statisticsCorpus, goal });
    },
    async addTrained(o) {
      const { config } = o;
      const k = 'k' in config ? config.k : null;
      const kind = `${config.architecture}${k ?? ''}`;
      const name = `${shortHook(config.hookPoint)}-${kind}-${config.d_sae}-${o.runId}`;
      const facts: SaeFacts = {
        saeId: `${name}~${await id12(o.params)}`,
        name,
        modelId: o.modelId,
        hookPoint: config.hookPoint,
        d_in: config.d_in,
        d_sae: config.d_sae,
        architecture: config.architecture,
        k,
        contextSize: config.contextSize,
        prependBos: config.prependBos,
        excludeSpecialTokens: true,
        origin: 'trained',
        tokens: o.tokens,
        explainedVariance: o.explainedVariance,
        l0: o.l0,
        deadFraction: o.deadFraction,
        statisticsTokens: 0,
        trainingCorpus: { name: o.corpus.name, isDemo: o.corpus.isDemo },
        runId: o.runId,
        deadAfterTokens: o.config.deadAfterTokens,
      };
      return add(facts, o.params);
    },
    async import(files) {
      const parsed = await readSaeFiles(files);
      const name = `imported-${shortHook(parsed.hookName)}-${parsed.params.d_sae}`;
      const facts: SaeFacts = {
        saeId: `${name}~${await id12(parsed.params)}`,
        name,
        modelId: visibleText(parsed.modelName),
        hookPoint: parsed.hookName,
        d_in: parsed.params.d_in,
        d_sae: parsed.params.d_sae,
        architecture: parsed.facts.architecture,
        k: parsed.facts.k,
        contextSize: parsed.facts.contextSize ?? 256,
        ...inputOf(parsed.facts),
        origin: 'imported',
        tokens: parsed.facts.tokens,
        explainedVariance: parsed.facts.explainedVariance,
        l0: parsed.facts.l0,
        deadFraction:
          parsed.facts.deadCount === null ? null : parsed.facts.deadCount / parsed.params.d_sae,
        statisticsTokens: 0,
      };
      return add(facts, parsed.params);
    },
    async export(saeId) {
      const { facts, loadParams, loadStatistics } = await entry(saeId);
      const statistics = await loadStatistics();
      const fireRates =
        statistics === null
          ? null
          : Float32Array.from(statistics.fireCount, (n) => n / statistics.countedTokens);
      const files = formatSaeLens(await loadParams(), saeLensFacts(facts, fireRates));
      return new Blob([zipFiles(files)], { type: 'application/zip' });
    },
    async delete(saeId) {
      const { facts } = await entry(saeId);
      if (facts.origin === 'demo') {
        throw new ConfigError('The demo SAE ships with the page and cannot be deleted.', 'sae');
      }
      entries.delete(facts.saeId);
      await deleteRecord(storage, PREFIX + facts.saeId);
      await announce();
      for (const listener of listeners) await listener(facts);
    },
    onDeleted: (listener) => void listeners.push(listener),
  };
}

function saeLensFacts(facts: SaeFacts, fireRates: Float32Array | null): SaeLensFacts {
  return {
    architecture: facts.architecture,
    k: facts.k,
    hookPoint: facts.hookPoint,
    modelName: facts.modelId ?? 'nanochat',
    contextSize: facts.contextSize,
    prependBos: facts.prependBos ?? null,
    excludeSpecialTokens: facts.excludeSpecialTokens ?? null,
    datasetPath: datasetOf(facts),
    statistics:
      fireRates === null
        ? null
        : { tokens: facts.statisticsTokens, datasetPath: pathOf(facts.statisticsCorpus) },
    version: APP_VERSION,
    tokens: facts.tokens,
    l0: facts.l0,
    deadCount: facts.deadFraction === null ? null : Math.round(facts.deadFraction * facts.d_sae),
    explainedVariance: facts.explainedVariance,
    fireRates,
  };
}

const DEMO_DATASET = 'nanoscope-demo-corpus';

function datasetOf({ trainingCorpus, origin }: SaeFacts): string {
  return trainingCorpus === undefined && origin === 'imported' ? 'unknown' : pathOf(trainingCorpus);
}

/** Facts leave out the bundled corpus. */
function pathOf(corpus: CorpusName | undefined): string {
  return corpus === undefined || corpus.isDemo ? DEMO_DATASET : corpus.name;
}

/** What imported files say of the text that the SAE was trained on. */
function inputOf({
  prependBos,
  excludeSpecialTokens,
  datasetPath: name,
}: ParsedSaeLens['facts']): Partial<SaeFacts> {
  return {
    ...(prependBos !== null && { prependBos }),
    ...(excludeSpecialTokens !== null && { excludeSpecialTokens }),
    ...(name !== null && { trainingCorpus: { name, isDemo: name === DEMO_DATASET } }),
  };
}

/** blocks.2.hook_resid_post → l2-resid_post */
function shortHook(hook: HookPoint): string {
  const { layer, site } = parseHookPoint(hook);
  return `l${layer}-${site.replace('hook_', '')}`;
}

/** First 12 hex digits of the SHA-256 over shapes and parameter values. */
async function id12(params: SaeParams): Promise<string> {
  const { d_in, d_sae } = params;
  // TopK's form must not change, or ids of stored SAEs would.
  const rule = params.architecture === 'topk' ? { k: params.k } : { rule: params.architecture };
  const header = new TextEncoder().encode(JSON.stringify({ d_in, d_sae, ...rule }));
  const arrays = [params.W_enc, params.b_enc, params.W_dec, params.b_dec, ...ruleArrays(params)];
  const bytes = await new Blob([header, ...arrays.map((array) => array.slice())]).arrayBuffer();
  return (await sha256Hex(new Uint8Array(bytes))).slice(0, 12);
}

function ruleArrays(params: SaeParams): Float32Array[] {
  if (params.architecture === 'jumprelu') return [params.threshold];
  if (params.architecture === 'gated') return [params.b_gate, params.b_mag, params.r_mag];
  return [];
}
