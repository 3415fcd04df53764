// Trains peers with the Python that was named, and says which of them it has. Knows no architecture.
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SaeConfig } from '../../src/core/sae/sae';
import type { Side } from './budget';

const SCRIPT = join(import.meta.dirname, '../../tests/peers/quality.py');

/** Why each side of `sides` cannot run; those that can are not in it. */
export async function findMissingPeers(
  python: string,
  sides: readonly Side[],
): Promise<Map<Side, string>> {
  const missing = new Map<Side, string>();
  const asked = sides.filter((side) => side !== 'ours');
  if (asked.length === 0) return missing;
  let found: Record<string, string | null>;
  try {
    found = JSON.parse(await runPython(python, ['--versions'])) as typeof found;
  } catch (cause) {
    for (const side of asked) {
      missing.set(
        side,
        `no peers: ${python} does not run (${String(cause)}); name one by --python`,
      );
    }
    return missing;
  }
  for (const side of asked) {
    const needs = side === 'torch' ? ['torch'] : ['torch', side.replace('-adam', '')];
    const lacks = needs.filter((name) => (found[name] ?? null) === null);
    if (lacks.length > 0) missing.set(side, `${lacks.join(', ')} not installed for ${python}`);
  }
  return missing;
}

export async function trainPeer(
  python: string,
  o: { side: Side; config: SaeConfig; data: string; folder: string },
): Promise<void> {
  await mkdir(o.folder, { recursive: true });
  const config = join(o.folder, 'config.json');
  await writeFile(config, JSON.stringify(o.config));
  const args = ['--side', o.side, '--config', config, '--data', o.data, '--out', o.folder];
  await runPython(python, args);
}

/** What a peer said of its run. */
export type PeerResult = {
  deadFraction: number;
  l0: number;
  explainedVariance: number;
  seconds: number;
  versions: Record<string, string>;
};

export async function readResult(folder: string): Promise<PeerResult> {
  return JSON.parse(await readFile(join(folder, 'result.json'), 'utf8')) as PeerResult;
}

/** What it printed. Throws with the end of its complaints when it fails. */
function runPython(python: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, OMP_NUM_THREADS: process.env['OMP_NUM_THREADS'] ?? '1' };
    const child = spawn(python, [SCRIPT, ...args], { env });
    let [out, complaints] = ['', ''];
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr.on('data', (data: Buffer) => {
      complaints = (complaints + data.toString()).slice(-4000);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(out);
      else reject(new Error(`${python} ${args.join(' ')}: exit ${String(code)}\n${complaints}`));
    });
  });
}
