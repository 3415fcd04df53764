// The available SAEs: the demo's, trained ones, imported ones. Facts are listed immediately; weights and
// statistics are loaded when first needed. All of them are folded: activations are in model units.
import { visibleText } from '../../core/text/visibleText';
import { ConfigError } from '../../core/errors';
import { findSameSae } from '../../core/sae/findSae';
import type { SaeParams } from '../../core/sae/sae';
import { importedFileName } from '../../core/sae/saeName';
import type { SaeStatistics } from '../../core/statistics/saeStatistics';
import type { CarriedFiles } from '../../formats/sae/parsedSae';
import { deleteRecord } from '../../storage/pointers';
import { changeRecord } from '../../storage/records';
import type { EngineEvent } from '../api';
import type { ModelFile } from '../shared/api';
import type { CorpusName } from '../text/api';
import type { SaeFacts } from './api';
import type { EngineParts } from '../parts';
import { importedFacts } from './importedFacts';
import { createKnownSaes } from './knownSaes';
import { fetchDemoTranscoders, readSaeFiles, shownFacts } from './saeEntries';
import { idsOf } from './saeFacts';
import { createSaeKeeper } from './saeKeeper';
import { SAE_RECORDS } from './saeRecords';
import { createStatisticsKeeper, type SaeStatisticsKeeper } from './statisticsKeeper';
import { checkedSaeName, trainedFacts, type TrainedSae } from './trainedFacts';

export type SaeLibrary = {
  list: () => Promise<SaeFacts[]>;
  get: (saeId: string) => Promise<SaeFacts>;
  params: (saeId: string) => Promise<SaeParams>;
  /** of an imported one, what its files said beside the parameters; otherwise null */
  carried: (saeId: string) => Promise<CarriedFiles | null>;
  /** null until they are computed, and where they cannot be read: then the facts say why */
  statistics: (saeId: string) => Promise<SaeStatistics | null>;
  setStatistics: (
    saeId: string,
    statistics: SaeStatistics,
    corpus: CorpusName,
    o?: { areShared: boolean },
  ) => Promise<SaeFacts>;
  previewStatistics: SaeStatisticsKeeper['preview'];
  keepPreview: SaeStatisticsKeeper['keepPreview'];
  /** Without room in storage it is kept in this tab only, which its facts and a problem say. */
  addTrained: (o: TrainedSae) => Promise<SaeFacts>;
  /** From now on the demo's transcoders are among those at hand; returns them, in the order of their blocks. */
  openDemoTranscoders: () => Promise<SaeFacts[]>;
  /** One that is here already keeps what belongs to it. */
  import: (files: ModelFile[]) => Promise<SaeFacts>;
  /** Stores one that had no room before. Throws StorageFullError. */
  store: (saeId: string) => Promise<SaeFacts>;
  export: (saeId: string) => Promise<Blob>;
  /** Its id, and all that is kept under it, stay. */
  rename: (saeId: string, name: string) => Promise<SaeFacts>;
  delete: (saeId: string) => Promise<void>;
  /** Reads what another tab stored or deleted. */
  refresh: () => Promise<void>;
  /** Told of an SAE that is gone: whoever keeps something of it forgets it. */
  onDeleted: (listener: (sae: SaeFacts) => Promise<void> | void) => void;
  /** Told of an SAE that had no room and is stored now. */
  onStored: (listener: (sae: SaeFacts) => Promise<void> | void) => void;
  /** Told of an import; takes what else its files bring, and says what, as sentences, or null. */
  onImported: (listener: ImportListener) => void;
};

export type Imported = { facts: SaeFacts; files: readonly ModelFile[]; isNew: boolean };
type ImportListener = (imported: Imported) => Promise<string | null>;

type Listener = (sae: SaeFacts) => Promise<void> | void;

export function createSaeLibrary(
  parts: EngineParts,
  emit: (event: EngineEvent) => void,
): SaeLibrary {
  const known = createKnownSaes(parts, emit);
  const statisticsKeeper = createStatisticsKeeper(parts, known, emit);
  const keeper = createSaeKeeper(parts, known, statisticsKeeper, emit);
  const deletedListeners: Listener[] = [];
  const storedListeners: Listener[] = [];
  const importListeners: ImportListener[] = [];

  return {
    list: known.list,
    refresh: known.refresh,
    get: async (saeId) => shownFacts(await known.entry(saeId)),
    params: async (saeId) => (await known.entry(saeId)).loadParams(),
    carried: async (saeId) => (await known.entry(saeId)).loadCarried(),
    statistics: statisticsKeeper.read,
    setStatistics: (saeId, statistics, corpus, o) =>
      statisticsKeeper.keep(saeId, statistics, { ...o, corpus, goal: null }),
    previewStatistics: statisticsKeeper.preview,
    keepPreview: statisticsKeeper.keepPreview,
    store: async (saeId) => {
      const facts = await keeper.store(saeId);
      for (const listener of storedListeners) await listener(facts);
      return facts;
    },
    addTrained: async (o) =>
      keeper.add(await trainedFacts(o), { params: o.params, carried: null }, o.alsoKept),
    async openDemoTranscoders() {
      const opened: SaeFacts[] = [];
      for (const shipped of await fetchDemoTranscoders(parts)) {
        const here = await known.exact(shipped.facts.saeId);
        if (here === null) await known.put(shipped);
        opened.push(shownFacts(here ?? shipped));
      }
      return opened;
    },
    async import(files) {
      const parsed = await readSaeFiles(files);
      const name = importedFileName(parsed.hookName, parsed.params.d_sae);
      const place = { modelId: visibleText(parsed.modelName), hookPoint: parsed.hookName };
      const ids = await idsOf(name, parsed.params, { ...place, W_dec: parsed.W_dec });
      await known.identified();
      const same = findSameSae(await known.list(), ids);
      const facts =
        same === null
          ? await keeper.add(importedFacts(parsed, { ...ids, name, ...place }), parsed)
          : await keeper.again(same.saeId, parsed);
      const said: (string | null)[] = [same === null ? null : hereAlready(facts)];
      for (const listener of importListeners) {
        said.push(await listener({ facts, files, isNew: same === null }));
      }
      const text = said.filter((one) => one !== null).join(' ');
      if (text !== '') emit({ kind: 'notice', text });
      return shownFacts(await known.entry(facts.saeId));
    },
    async export(saeId) {
      // What is wrong with statistics does not hold back the weights.
      const statistics = await statisticsKeeper.read(saeId);
      const { facts, loadParams, loadCarried } = await known.entry(saeId);
      const params = await loadParams();
      const carried = await loadCarried();
      const { packSae } = await import('./saeFiles');
      return new Blob([packSae(facts, params, { statistics, carried })], {
        type: 'application/zip',
      });
    },
    async rename(saeId, name) {
      const { facts } = await known.entry(saeId);
      const wanted = checkedSaeName(facts, name);
      await changeRecord(parts.storage, SAE_RECORDS, facts.saeId, (stored) =>
        stored === null ? undefined : { ...stored, facts: { ...stored.facts, name: wanted } },
      );
      const held = await known.entry(saeId);
      await known.put({ ...held, facts: { ...held.facts, name: wanted } });
      return shownFacts(await known.entry(saeId));
    },
    async delete(saeId) {
      const { facts } = await known.entry(saeId);
      if (facts.origin === 'demo') {
        throw new ConfigError(`${facts.name} ships with the page and cannot be deleted.`, 'sae');
      }
      await deleteRecord(parts.storage, SAE_RECORDS.prefix + facts.saeId);
      await known.delete(facts.saeId);
      for (const listener of deletedListeners) await listener(facts);
    },
    onDeleted: (listener) => void deletedListeners.push(listener),
    onStored: (listener) => void storedListeners.push(listener),
    onImported: (listener) => void importListeners.push(listener),
  };
}

function hereAlready({ name }: SaeFacts): string {
  return `${name} is here already: it was opened as it is, with its statistics, notes and evaluations.`;
}
