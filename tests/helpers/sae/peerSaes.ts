// SAEs that other tools wrote, with what those tools compute of them (tests/fixtures/saes, tests/peers/saelens).
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reconstruct } from '../../../src/core/evaluate/reconstruction';
import { encodeRowsReference } from '../../../src/core/reference/encodeRows';
import { EMPTY_SLOT, type SaeParams, type SparseCode } from '../../../src/core/sae/sae';
import { openSae } from '../../../src/formats/sae/openSae';
import type { ParsedSae } from '../../../src/formats/sae/parsedSae';

export type PeerCase = {
  name: string;
  tool: 'SAELens' | 'sparsify' | 'dictionary_learning' | 'OpenAI';
  folder: string;
  hook: string;
  /** [rows, d_sae], per unit decoder row; [rows, d_in] */
  acts: number[];
  out: number[];
};

export type Peers = {
  versions: Record<string, string>;
  d_in: number;
  d_sae: number;
  rows: number;
  x: number[];
  saes: PeerCase[];
};

export async function readPeers(root: string): Promise<Peers> {
  return JSON.parse(await readFile(join(root, 'saes.json'), 'utf8')) as Peers;
}

/** As a drop of its folder. */
export async function dropOfPeer(root: string, { folder }: Pick<PeerCase, 'folder'>) {
  const names = await readdir(join(root, folder));
  return Promise.all(
    names.map(async (name) => {
      const bytes = new Uint8Array(await readFile(join(root, folder, name)));
      return { path: `${folder}/${name}`, blob: new Blob([bytes]) };
    }),
  );
}

export async function readPeer(root: string, peer: PeerCase): Promise<ParsedSae> {
  return openSae(await dropOfPeer(root, peer));
}

/** Largest difference over the largest value, of activations and of reconstructions. */
export function differences(
  { params }: Pick<ParsedSae, 'params'>,
  peer: Pick<PeerCase, 'acts' | 'out'>,
  rows: Rows,
): { encode: number; decode: number } {
  const { acts, out } = computedHere(params, rows);
  return { encode: largest(acts, peer.acts), decode: largest(out, peer.out) };
}

type Rows = Pick<Peers, 'x' | 'rows' | 'd_in' | 'd_sae'>;

/** What an SAE does to rows: activations [rows, d_sae] and reconstructions [rows, d_in]. */
export function computedHere(params: SaeParams, { x, rows, d_in, d_sae }: Rows) {
  const data = Float32Array.from(x);
  const indices = Uint32Array.from({ length: rows }, (_, row) => row);
  const code = encodeRowsReference(params, { data, cols: d_in }, indices);
  return {
    acts: [...dense(code, rows, d_sae)],
    out: [...reconstruct(params, code, rows)],
  };
}

function dense({ k, latentIndices, latentActs }: SparseCode, rows: number, d_sae: number) {
  const acts = new Float64Array(rows * d_sae);
  latentIndices.forEach((latent, slot) => {
    if (latent !== EMPTY_SLOT)
      acts[Math.floor(slot / k) * d_sae + latent] = latentActs[slot] ?? NaN;
  });
  return acts;
}

function largest(ours: ArrayLike<number>, theirs: readonly number[]): number {
  const scale = Math.max(...theirs.map(Math.abs));
  return Math.max(...theirs.map((value, i) => Math.abs((ours[i] ?? NaN) - value))) / scale;
}
