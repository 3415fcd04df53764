// The text windows around each latent's strongest tokens, with that latent's activation on every token:
// what a dashboard shows without running the model again. Identical windows are kept once and counted.
import type { CodeArchive } from './codeArchive';
import { TOP_EXAMPLES, type LatentStatistics } from './latentStatistics';

/** Tokens on each side of the peak. */
export const WINDOW_RADIUS = 16;
const WINDOW_TOKENS = 2 * WINDOW_RADIUS + 1;
/** Marks a place of a window that lies outside its sequence. */
export const NO_TOKEN = 0xffffffff;

/** e examples of every latent; windows are [.., 2·WINDOW_RADIUS + 1] with the peak in the middle. */
export type LatentWindows = {
  examplesPerLatent: number;
  /** [d_sae, e, window]; NO_TOKEN outside the sequence */
  tokenIds: Uint32Array;
  /** [d_sae, e, window]; the latent's activation */
  acts: Float32Array;
  /** [d_sae, e]; how often this window was among the strongest; 0 = no example */
  repeats: Uint16Array;
};

/** Cuts the windows of the strongest examples out of the archive.
 *  statistics.topSequence counts sequences of the archive from 0. */
export function cutLatentWindows(
  statistics: LatentStatistics,
  archive: CodeArchive,
  examplesPerLatent: number,
): LatentWindows {
  const rows = statistics.d_sae * examplesPerLatent;
  const windows: LatentWindows = {
    examplesPerLatent,
    tokenIds: new Uint32Array(rows * WINDOW_TOKENS).fill(NO_TOKEN),
    acts: new Float32Array(rows * WINDOW_TOKENS),
    repeats: new Uint16Array(rows),
  };
  for (let latent = 0; latent < statistics.d_sae; latent++) {
    cutWindowsOf(latent, statistics, archive, windows);
  }
  return windows;
}

function cutWindowsOf(
  latent: number,
  statistics: LatentStatistics,
  archive: CodeArchive,
  windows: LatentWindows,
): void {
  const rowOfText = new Map<string, number>();
  const firstRow = latent * windows.examplesPerLatent;
  for (let i = latent * TOP_EXAMPLES; i < (latent + 1) * TOP_EXAMPLES; i++) {
    if (statistics.topAct[i] === 0) break;
    const sequence = statistics.topSequence[i]!;
    const peak = statistics.topPosition[i]!;
    const key = dedupeKey(archive, sequence, peak);
    const known = rowOfText.get(key);
    if (known !== undefined) {
      windows.repeats[known]!++;
      continue;
    }
    if (rowOfText.size === windows.examplesPerLatent) continue;
    const row = firstRow + rowOfText.size;
    rowOfText.set(key, row);
    windows.repeats[row] = 1;
    for (let w = 0; w < WINDOW_TOKENS; w++) {
      const position = peak - WINDOW_RADIUS + w;
      if (position < 0 || position >= archive.contextSize) continue;
      const token = sequence * archive.contextSize + position;
      windows.tokenIds[row * WINDOW_TOKENS + w] = archive.tokenIds[token]!;
      windows.acts[row * WINDOW_TOKENS + w] = activationOf(archive, token, latent);
    }
  }
}

/** interface.md 5: examples are the same when their ±8 tokens are. */
function dedupeKey(archive: CodeArchive, sequence: number, peak: number): string {
  const start = sequence * archive.contextSize;
  const from = start + Math.max(0, peak - 8);
  const to = start + Math.min(archive.contextSize, peak + 9);
  return archive.tokenIds.subarray(from, to).join(',');
}

function activationOf(archive: CodeArchive, token: number, latent: number): number {
  const first = archive.firstEntry[token]!;
  for (let at = first; at < first + archive.entryCount[token]!; at++) {
    if (archive.latentIndices[at] === latent) return archive.latentActs[at]!;
  }
  return 0;
}

export type WindowToken = { tokenId: number; act: number };

/** One example as its tokens in order, null where the latent has fewer. */
export function latentWindow(
  windows: LatentWindows,
  latent: number,
  example: number,
): { tokens: WindowToken[]; peak: number; act: number; repeats: number } | null {
  const row = latent * windows.examplesPerLatent + example;
  const repeats = windows.repeats[row] ?? 0;
  if (repeats === 0) return null;
  const tokens: WindowToken[] = [];
  let peak = 0;
  for (let w = 0; w < WINDOW_TOKENS; w++) {
    const at = row * WINDOW_TOKENS + w;
    const tokenId = windows.tokenIds[at]!;
    if (tokenId === NO_TOKEN) continue;
    if (w === WINDOW_RADIUS) peak = tokens.length;
    tokens.push({ tokenId, act: windows.acts[at]! });
  }
  return { tokens, peak, act: tokens[peak]!.act, repeats };
}
