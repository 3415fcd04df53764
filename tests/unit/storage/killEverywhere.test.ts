// A tab that dies at any of its writes, in any action that writes: a fresh one finds each thing as it was before or
// as it is after, what was acknowledged as it is after, and everything else untouched.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEvaluationStore } from '../../../src/engine/evaluate/evaluationStore';
import { createDownloadHost } from '../../../src/engine/model/downloadHost';
import { createModelShelf } from '../../../src/engine/model/modelShelf';
import type { EngineEvent } from '../../../src/engine/api';
import type { EngineParts } from '../../../src/engine/parts';
import { createSaeLibrary } from '../../../src/engine/sae/saeLibrary';
import { createGuessStore } from '../../../src/engine/statistics/labelHost';
import { evaluationOf } from '../../helpers/evaluationCase';
import { nativeFiles } from '../../helpers/model/hfFixture';
import { startFileServer, type FileServer } from '../../helpers/page/fileServer';
import { tinyStatistics } from '../../helpers/fuzz/seeds';
import { makeMortalParts } from '../../helpers/engine/mortalParts';
import type { Death } from '../../helpers/engine/mortalStorage';
import { startNodeEngine } from '../../helpers/engine/nodeEngine';
import {
  CORPUS,
  findAll,
  guessOf,
  jobsOf,
  makeWorld,
  modelNamed,
  newDisks,
  noteOf,
  partsOver,
  RUN_FORM,
  saeZip,
  trainWhole,
  valueOf,
} from '../../helpers/engine/storedWorld';

type Action = {
  /** throws, or resolves once it is acknowledged */
  act: (parts: EngineParts, saeId: string) => Promise<unknown>;
  /** things that may be found as neither: on their way */
  onTheWay?: RegExp;
  /** Does the rest in a fresh tab; afterwards everything is as if nobody had killed anything. False: nothing
   *  had begun. */
  goOn?: (parts: EngineParts, found: ReadonlyMap<string, string>) => Promise<boolean>;
};

const table: string[] = [];

const engineOf = async (parts: EngineParts) => (await startNodeEngine(parts)).engine;
const quiet = () => undefined;
const statisticsOf = (countedTokens: number) => ({ ...tinyStatistics(), countedTokens });

/** One for all: what is downloaded is known by its address. */
let server: FileServer;
beforeAll(async () => {
  const files = new Map<string, Buffer>();
  for (const { path, blob } of nativeFiles('sharded')) {
    files.set(`/chatsft_checkpoints/${path}`, Buffer.from(await blob.arrayBuffer()));
  }
  server = await startFileServer(files);
});
afterAll(async () => {
  await server.close();
  console.log(['writes  kills  action', ...table].join('\n'));
});

async function download(parts: EngineParts): Promise<boolean> {
  const jobs = jobsOf(parts);
  const host = createDownloadHost({ parts, jobs, emit: quiet });
  const listed = await host.list(`${server.url}/chatsft_checkpoints/sharded`);
  const source = { kind: 'url', url: listed.url, folder: listed.models[0]!.folder } as const;
  const words = { kind: 'model', cancelled: 'cancelled' } as const;
  await jobs.run(words, undefined, (job) => host.fetch({ ...source, step: 0 }, job));
  return true;
}

/** A run that is listed goes on; one that left no trace was never acknowledged, and its number is spent. */
async function trainOn(parts: EngineParts, found: ReadonlyMap<string, string>): Promise<boolean> {
  const run = found.get('run-2');
  if (run === undefined || run.includes('"phase":{"kind":"done"}')) return run !== undefined;
  const { engine, waitForRun } = await startNodeEngine(parts);
  const over = waitForRun(({ phase }) => phase.kind === 'done');
  valueOf(await engine.train.resume('run-2'));
  await over;
  return true;
}

const ACTIONS: Record<string, Action> = {
  'import an SAE': {
    act: async (parts) => {
      const { isUnstored } = valueOf(await (await engineOf(parts)).sae.import(saeZip(2)));
      // It is in that tab, which says that it is nowhere else.
      if (isUnstored === true) throw new Error('not stored');
    },
  },
  'import the same again': {
    act: async (parts) => valueOf(await (await engineOf(parts)).sae.import(saeZip(1))),
  },
  'export an SAE': {
    act: async (parts, saeId) => valueOf(await (await engineOf(parts)).sae.export(saeId)),
  },
  'delete an SAE': {
    act: async (parts, saeId) => (await engineOf(parts)).sae.delete(saeId),
    // What belongs to it goes after it: no list shows these without their SAE.
    onTheWay: /^(notes|guesses|evaluation) /,
  },
  'compute statistics again': {
    act: async (parts, saeId) => {
      const problems: EngineEvent[] = [];
      const library = createSaeLibrary(parts, (event) => {
        if (event.kind === 'problem') problems.push(event);
      });
      await library.setStatistics(saeId, statisticsOf(200), CORPUS);
      // They are in that tab, which says that they are nowhere else.
      if (problems.length > 0) throw new Error('not stored');
    },
  },
  'write a note': {
    act: async (parts, saeId) =>
      valueOf(await (await engineOf(parts)).statistics.setNote(saeId, noteOf(1, 'cats'))),
  },
  'delete a note': {
    act: async (parts, saeId) =>
      valueOf(await (await engineOf(parts)).statistics.setNote(saeId, noteOf(0, ''))),
  },
  'guess labels': {
    act: (parts, saeId) => createGuessStore(parts.storage).write(saeId, guessOf('“cat”')),
  },
  evaluate: {
    act: (parts, saeId) =>
      createEvaluationStore(parts.storage).put(evaluationOf({ saeId, name: 'second' })),
  },
  'download a model': { act: download, onTheWay: /^download /, goOn: download },
  'keep a model': {
    act: async (parts) => createModelShelf(parts).keep(await modelNamed('new'), false),
  },
  'delete a model': { act: (parts) => createModelShelf(parts).delete('old~0123456789ab') },
  'queue a run': {
    act: async (parts) => valueOf(await (await engineOf(parts)).train.queue(RUN_FORM)),
  },
  'delete a run': { act: async (parts) => (await engineOf(parts)).train.delete('run-1') },
  'train a run': { act: trainWhole, onTheWay: /^run-2$/, goOn: trainOn },
};

/** Whether the act was acknowledged, and how many writes it began. */
async function kill({ act }: Action, death: Death | null) {
  const disks = newDisks();
  const saeId = await makeWorld(disks);
  const { writes, ...mortal } = makeMortalParts(disks, death);
  let isDone = true;
  try {
    await act(partsOver(mortal), saeId);
  } catch (thrown) {
    if (death === null) throw thrown;
    isDone = false;
  }
  return { disks, isDone, writes: writes() };
}

describe('a kill at any write (7.3)', () => {
  it.each(Object.entries(ACTIONS))('%s', async (name, action) => {
    const untouched = newDisks();
    await makeWorld(untouched);
    const before = await findAll(untouched);
    const whole = await kill(action, null);
    const after = await findAll(whole.disks);
    let kills = 0;
    for (let atWrite = 0; atWrite < whole.writes; atWrite++) {
      for (const isWritten of [false, true]) {
        kills++;
        const { disks, isDone } = await kill(action, { atWrite, isWritten });
        const found = await findAll(disks);
        const where = `${name}, killed ${isWritten ? 'after' : 'before'} write ${atWrite}`;
        for (const key of new Set([...before.keys(), ...after.keys(), ...found.keys()])) {
          if (action.onTheWay?.test(key) === true && !isDone) continue;
          const allowed = isDone ? [after.get(key)] : [before.get(key), after.get(key)];
          expect(allowed, `${where}: ${key}`).toContain(found.get(key));
        }
        if ((await action.goOn?.(partsOver(disks), found)) !== true) continue;
        expect([...(await findAll(disks))].sort(), `${where}, gone on with`).toEqual(
          [...after].sort(),
        );
      }
    }
    table.push(`${String(whole.writes).padStart(6)} ${String(kills).padStart(6)}  ${name}`);
  });
});
