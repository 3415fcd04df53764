// What makes an SAE what it is stands in its id; what an older version stored is found by either id.
import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SaeParams, TopKParams } from '../../../../src/core/sae/sae';
import type { EngineEvent } from '../../../../src/engine/api';
import type { SaeFacts } from '../../../../src/engine/sae/api';
import { createSaeLibrary } from '../../../../src/engine/sae/saeLibrary';
import { zipFiles } from '../../../../src/formats/archives/archive';
import { formatSafetensors } from '../../../../src/formats/archives/safetensors';
import { CONFIG_FILE, WEIGHTS_FILE } from '../../../../src/formats/sae/saeFolder';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';
import type { Storage } from '../../../../src/storage/storage';
import { makeSaeParams } from '../../../helpers/cases';
import { makeNodeParts } from '../../../helpers/engine/nodeParts';
import { makeSaeStatistics } from '../../../helpers/statistics/saeStatisticsCase';

const PARAMS = makeSaeParams({ seed: 3, d_in: 6, d_sae: 10, k: 2 });
/** Rows of norms 1, 2, 3, 4, selected by h. */
const UNEVEN: TopKParams = {
  ...PARAMS,
  W_dec: PARAMS.W_dec.map((w, at) => w * (1 + (Math.floor(at / 6) % 4))),
};
let storage: Storage;
let events: EngineEvent[];

beforeEach(() => {
  storage = createMemoryStorage();
  events = [];
});

const open = () => createSaeLibrary(makeNodeParts({ storage }), (event) => events.push(event));
const own = async (library: ReturnType<typeof open>) =>
  (await library.list()).filter(({ origin }) => origin !== 'demo');

type Place = { model?: string; hook?: string; centres?: boolean };

function filesOf(params: TopKParams, { model = 'gpt2', hook, centres = true }: Place = {}) {
  const { d_in, d_sae, k } = params;
  const cfg = {
    architecture: 'topk',
    d_in,
    d_sae,
    k,
    dtype: 'float32',
    apply_b_dec_to_input: centres,
    metadata: {
      sae_lens_version: '6.49.2',
      model_name: model,
      hook_name: hook ?? 'blocks.1.hook_resid_post',
    },
  };
  const weights = formatSafetensors([
    { name: 'W_enc', shape: [d_in, d_sae], data: params.W_enc },
    { name: 'b_enc', shape: [d_sae], data: params.b_enc },
    { name: 'W_dec', shape: [d_sae, d_in], data: params.W_dec },
    { name: 'b_dec', shape: [d_in], data: params.b_dec },
  ]);
  return new Map([
    [CONFIG_FILE, new TextEncoder().encode(JSON.stringify(cfg))],
    [WEIGHTS_FILE, weights],
  ]);
}

const dropped = (...what: Parameters<typeof filesOf>) =>
  [...filesOf(...what)].map(([path, bytes]) => ({ path, blob: new Blob([bytes]) }));

/** The id of versions until the end of November 2026: values alone. */
function formerHash({ d_in, d_sae, k, W_enc, b_enc, W_dec, b_dec }: TopKParams): string {
  const hash = createHash('sha256').update(JSON.stringify({ d_in, d_sae, k }));
  for (const values of [W_enc, b_enc, W_dec, b_dec]) hash.update(new Uint8Array(values.buffer));
  return hash.digest('hex').slice(0, 12);
}

/** Stored as such a version did, with statistics. Returns its id. */
async function storeOlder(params: TopKParams): Promise<string> {
  const name = 'imported-l1-resid_post-10';
  const saeId = `${name}~${formerHash(params)}`;
  const library = open();
  const made = await library.import(dropped(params, { centres: false }));
  const corpus = { name: 'book.txt', isDemo: false };
  await library.setStatistics(made.saeId, makeSaeStatistics(10), corpus);
  const record = (await storage.getFacts(`sae/${made.saeId}`)) as { facts: SaeFacts };
  const facts = { ...record.facts, saeId };
  delete facts.otherIds;
  const files = await storage.putBlob(
    `sae-files/${saeId}`,
    zipFiles(filesOf(params, { centres: false })),
  );
  await storage.setFacts(`sae/${saeId}`, { ...record, files, facts });
  await storage.delete(`sae/${made.saeId}`);
  return saeId;
}

/** Resolves when the library has told of an SAE for which `isSo` holds. */
async function until(library: ReturnType<typeof open>, isSo: (sae: SaeFacts) => boolean) {
  for (;;) {
    const found = (await own(library)).find(isSo);
    if (found !== undefined) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('ids of SAEs (7.12)', () => {
  it('differ where the input is centred or not, by hook point and by model', async () => {
    const library = open();
    const places: Place[] = [
      {},
      { centres: false },
      { hook: 'blocks.2.hook_resid_post' },
      { model: 'pythia-14m' },
    ];
    for (const place of places) await library.import(dropped(PARAMS, place));
    const listed = await own(library);
    expect(listed).toHaveLength(4);
    expect(new Set(listed.map(({ saeId }) => saeId.split('~')[1])).size).toBe(4);
    const params = await library.params(listed[1]!.saeId);
    expect(params.applyBDecToInput).toBe(false);
    expect((await library.params(listed[0]!.saeId)).applyBDecToInput).toBe(true);
  });

  it('are the same for the same files, whose entry is opened with what it has', async () => {
    const library = open();
    const { saeId } = await library.import(dropped(UNEVEN));
    const corpus = { name: 'book.txt', isDemo: false };
    await library.setStatistics(saeId, makeSaeStatistics(10), corpus);
    const again = await open().import(dropped(UNEVEN));
    expect(again).toMatchObject({ saeId, statisticsTokens: 3 });
  });

  it('of an older version lead to the same entry, and importing it again opens it', async () => {
    const saeId = await storeOlder(PARAMS);
    const library = open();
    const { otherIds } = await until(library, (sae) => sae.otherIds !== undefined);
    const today = otherIds![0]!;
    expect(today).not.toBe(saeId);
    for (const ref of [saeId, today, today.split('~')[1]!]) {
      expect(await library.get(ref)).toMatchObject({ saeId, statisticsTokens: 3 });
    }
    expect(await library.import(dropped(PARAMS, { centres: false }))).toMatchObject({ saeId });
    // The one that used to share its id is another.
    const centred = await library.import(dropped(PARAMS));
    expect(centred.saeId).not.toBe(saeId);
    expect(await own(library)).toHaveLength(2);
    // Known from the record from now on.
    expect((await own(open()))[0]).toMatchObject({ saeId, otherIds });
  });

  it('sets aside statistics of an older TopK whose decoder norms they left out (7.15)', async () => {
    const saeId = await storeOlder(UNEVEN);
    const library = open();
    await until(library, (sae) => sae.otherIds !== undefined);
    expect(await library.get(saeId)).toMatchObject({ statisticsTokens: 0 });
    expect(await library.statistics(saeId)).toBeNull();
    const told = events.flatMap((event) => (event.kind === 'problem' ? [event.problem.what] : []));
    expect(told).toEqual([expect.stringContaining('were set aside')]);
    const params = (await library.params(saeId)) as SaeParams & { actScale?: Float32Array };
    expect(params.actScale?.[1]).toBeCloseTo(2, 5);
  });
});
