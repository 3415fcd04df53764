// Sparse codes of whole sequences, kept while a statistics pass runs, so that examples can be cut with a
// latent's activation on every token: 4 bytes an entry where indices fit 16 bits, in pages that are never
// copied. Knows no model and no statistics.
import { f32ToF16, MAX_F16 } from '../numeric/float16';
import { EMPTY_SLOT, type SparseCode } from '../sae/sae';

const PAGE_BITS = 18;
const PAGE_ENTRIES = 1 << PAGE_BITS;

type Page = { latents: Uint16Array | Uint32Array; acts: Uint16Array };

export type CodeArchive = {
  contextSize: number;
  d_sae: number;
  /** [sequences · contextSize] */
  tokenIds: Int32Array;
  /** [sequences · contextSize] each: where a token's entries begin and how many there are; special tokens
   *  have none */
  firstEntry: Uint32Array;
  entryCount: Uint32Array;
  pages: Page[];
  /** entries used */
  length: number;
};

export function makeCodeArchive(o: {
  contextSize: number;
  sequences: number;
  d_sae: number;
}): CodeArchive {
  const tokens = o.sequences * o.contextSize;
  return {
    contextSize: o.contextSize,
    d_sae: o.d_sae,
    tokenIds: new Int32Array(tokens),
    firstEntry: new Uint32Array(tokens),
    entryCount: new Uint32Array(tokens),
    pages: [],
    length: 0,
  };
}

function makePage(d_sae: number): Page {
  const latents = d_sae <= 65_536 ? new Uint16Array(PAGE_ENTRIES) : new Uint32Array(PAGE_ENTRIES);
  return { latents, acts: new Uint16Array(PAGE_ENTRIES) };
}

/** Stores row i of the code for token tokens[i]; activations in f16, clamped to its largest value. */
export function addToArchive(archive: CodeArchive, code: SparseCode, tokens: Uint32Array): void {
  const acts = f32ToF16(code.latentActs.map((act) => Math.min(act, MAX_F16)));
  for (const [i, token] of tokens.entries()) {
    archive.firstEntry[token] = archive.length;
    for (let slot = i * code.k; slot < (i + 1) * code.k; slot++) {
      if (code.latentIndices[slot] === EMPTY_SLOT) break;
      if (archive.length === archive.pages.length << PAGE_BITS) {
        archive.pages.push(makePage(archive.d_sae));
      }
      const page = archive.pages[archive.length >> PAGE_BITS]!;
      page.latents[archive.length & (PAGE_ENTRIES - 1)] = code.latentIndices[slot]!;
      page.acts[archive.length & (PAGE_ENTRIES - 1)] = acts[slot]!;
      archive.length++;
    }
    archive.entryCount[token] = archive.length - archive.firstEntry[token];
  }
}

/** Bytes of the entries used. */
export function archiveBytes({ length, d_sae }: CodeArchive): number {
  return length * entryBytes(d_sae);
}

/** Bytes of an archive with that many tokens (special ones included) and entries, if its last page is
 *  full. */
export function archiveBytesFor(o: { tokens: number; entries: number; d_sae: number }): number {
  const pages = Math.ceil(o.entries / PAGE_ENTRIES);
  return o.tokens * (4 + 4 + 4) + pages * PAGE_ENTRIES * entryBytes(o.d_sae);
}

function entryBytes(d_sae: number): number {
  return d_sae <= 65_536 ? 4 : 6;
}

/** Visits the active latents of one token; activations as the bits of an f16. */
export function forEachActive(
  archive: CodeArchive,
  token: number,
  visit: (latent: number, actBits: number) => void,
): void {
  const first = archive.firstEntry[token]!;
  for (let entry = first; entry < first + archive.entryCount[token]!; entry++) {
    const page = archive.pages[entry >> PAGE_BITS]!;
    const place = entry & (PAGE_ENTRIES - 1);
    visit(page.latents[place]!, page.acts[place]!);
  }
}
