// The text that SAEs are trained and measured on: the bundled corpus, tokenised once per tokenizer, packed
// into sequences whose order is fixed by seed and epoch.
import { countedPositions, packSequences, splitDocuments } from '../core/corpus';
import { ConfigError } from '../core/errors';
import { parseJsonl } from '../formats/corpus';
import type { Tokenizer } from '../model/tokenizer';
import type { EngineParts } from './parts';

const DEMO_CORPUS_FILE = 'corpus.jsonl';

/** tokenIds: [count, contextSize]; counted(i): positions of sequence i that are no special token. */
export type PackedCorpus = {
  contextSize: number;
  count: number;
  sequence: (index: number) => Int32Array;
  countedPositions: (index: number) => Uint32Array;
};

type CorpusSplit = 'train' | 'heldOut' | 'all';

export type CorpusHost = {
  /** leadWithBos: every sequence begins with <|bos|>, not only every document */
  pack: (
    tokenizer: Tokenizer,
    split: CorpusSplit,
    o: { contextSize: number; seed: number; epoch: number; leadWithBos?: boolean },
  ) => Promise<PackedCorpus>;
};

type EncodedCorpus = { train: Int32Array[]; heldOut: Int32Array[] };

export function createCorpusHost(parts: EngineParts): CorpusHost {
  let encoded: { tokenizer: Tokenizer; corpus: Promise<EncodedCorpus> } | null = null;
  const encode = (tokenizer: Tokenizer) => {
    if (encoded?.tokenizer === tokenizer) return encoded.corpus;
    const corpus = encodeCorpus(parts, tokenizer);
    encoded = { tokenizer, corpus };
    corpus.catch(() => {
      encoded = null;
    });
    return corpus;
  };
  return {
    async pack(tokenizer, split, o) {
      const { train, heldOut } = await encode(tokenizer);
      const docs =
        split === 'train' ? train : split === 'heldOut' ? heldOut : [...train, ...heldOut];
      const bos = tokenizer.specialTokenId('<|bos|>');
      const packed = packSequences(docs, {
        bos,
        seed: o.seed,
        epoch: o.epoch,
        contextSize: o.leadWithBos === true ? o.contextSize - 1 : o.contextSize,
      });
      if (packed.count === 0) {
        throw new ConfigError(
          `the corpus holds less than one sequence of ${o.contextSize} tokens: take more text`,
          'corpus',
        );
      }
      const sequence = (index: number) => {
        if (o.leadWithBos !== true) {
          return packed.sequences.subarray(index * o.contextSize, (index + 1) * o.contextSize);
        }
        const led = new Int32Array(o.contextSize);
        const length = o.contextSize - 1;
        led[0] = bos;
        led.set(packed.sequences.subarray(index * length, (index + 1) * length), 1);
        return led;
      };
      return {
        contextSize: o.contextSize,
        count: packed.count,
        sequence,
        countedPositions: (index) => countedPositions(sequence(index), tokenizer.isSpecial),
      };
    },
  };
}

async function encodeCorpus(parts: EngineParts, tokenizer: Tokenizer): Promise<EncodedCorpus> {
  const [file] = await parts.demo.fetchFiles([DEMO_CORPUS_FILE], () => undefined);
  if (file === undefined) throw new ConfigError('the bundled corpus is missing', 'corpus');
  const { train, heldOut } = splitDocuments(parseJsonl(await file.blob.text()));
  const encodeAll = async (docs: string[]) => {
    const ids: Int32Array[] = [];
    for (const [i, doc] of docs.entries()) {
      ids.push(Int32Array.from(tokenizer.encodeOrdinary(doc)));
      if (i % 256 === 255) await parts.breathe();
    }
    return ids;
  };
  return { train: await encodeAll(train), heldOut: await encodeAll(heldOut) };
}
