// Birth steps read from saved snapshots, in the background.
import { expect, it } from 'vitest';
import type { Snapshot } from '../../../../src/core/sae/snapshots';
import type { EngineEvent } from '../../../../src/engine/api';
import type { EngineHosts } from '../../../../src/engine/hosts';
import { createLatentBirthsHost } from '../../../../src/engine/explore/latentBirths';
import { createSnapshotArchive } from '../../../../src/engine/sae/snapshotArchive';
import { makeJobs } from '../../../../src/engine/jobs';
import { makeTurns } from '../../../../src/engine/turns';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';

/** Latent 0 never turns; latent 1 stands as it ends from step 2 on. */
function snapshot(step: number): Snapshot {
  return {
    step,
    params: {
      architecture: 'topk',
      d_in: 2,
      d_sae: 2,
      k: 1,
      applyBDecToInput: true,
      W_enc: new Float32Array(4),
      b_enc: new Float32Array(2),
      W_dec: Float32Array.of(1, 0, ...(step < 2 ? [1, 0] : [0, 1])),
      b_dec: new Float32Array(2),
    },
    tokensSinceFired: new Uint32Array(2),
  };
}

async function makeHost(runIds: Record<string, string | undefined>) {
  const events: EngineEvent[] = [];
  const archive = createSnapshotArchive(createMemoryStorage());
  for (const step of [0, 1, 2, 4]) await archive.save('run-1', snapshot(step));
  const loads = { count: 0 };
  const counted: Pick<typeof archive, 'list' | 'load'> = {
    list: archive.list,
    load: (record) => {
      loads.count++;
      return archive.load(record);
    },
  };
  const jobs = makeJobs({
    parts: { breathe: () => new Promise((resolve) => setImmediate(resolve)) },
    turns: makeTurns(),
    emit: (event) => void events.push(event),
  });
  const host = createLatentBirthsHost(
    {
      library: { get: (saeId: string) => Promise.resolve({ saeId, runId: runIds[saeId] }) },
      jobs,
    } as unknown as EngineHosts,
    counted,
  );
  const done = () =>
    events.flatMap((event) => (event.kind === 'progress' ? [event.progress?.done ?? null] : []));
  return { host, cancel: jobs.cancel, loads, done };
}

it('reads every saved step once and tells how far it is', async () => {
  const { host, loads, done } = await makeHost({ x: 'run-1' });
  expect(await host.read('x')).toEqual([0, 2]);
  expect(loads.count).toBe(4);
  expect(done()).toEqual([0, 1, 2, 3, 4, null]);
});

it('knows nothing of an SAE that no run of this device made, or of a run without snapshots', async () => {
  const { host, done } = await makeHost({ x: undefined, y: 'run-2' });
  expect(await host.read('x')).toBeNull();
  expect(await host.read('y')).toBeNull();
  expect(done()).toEqual([]);
});

it('stops reading on cancel, and when another SAE is asked for', async () => {
  const { host, cancel, loads } = await makeHost({ x: 'run-1', y: 'run-1' });
  const read = host.read('x', 7);
  cancel(7);
  await expect(read).rejects.toThrow('Reading when features were born was cancelled.');
  expect(loads.count).toBe(0);
  const older = host.read('x');
  const newer = host.read('y');
  await expect(older).rejects.toThrow('cancelled');
  expect(await newer).toEqual([0, 2]);
});
