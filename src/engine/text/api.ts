// The open text, as the page asks for it and is told of it. Types only.
import type { JobId, ModelFile, Outcome } from '../shared/api';

/** The text that SAEs are trained and measured on. Pasted text and files exist in this tab only. */
export type CorpusSource =
  | { kind: 'demo' }
  /** the open model writes it */
  | ({ kind: 'self' } & SelfTextRequest)
  | { kind: 'paste'; text: string }
  /** field: key of .jsonl objects and column of .parquet tables; default "text" */
  | { kind: 'files'; files: ModelFile[]; field?: string };

export type SelfTextRequest = { tokens: number; temperature: number; topK: number; seed: number };

export type CorpusFacts = {
  /** name~id12, the hash over its documents */
  id: string;
  name: string;
  isDemo: boolean;
  documents: number;
  /** UTF-16 code units */
  characters: number;
  /** with the open model's tokenizer, one BOS per document; null until counted */
  tokens: number | null;
  /** beginning of the first document */
  sample: string;
  /** sentences that say what was left out and why */
  notes: string[];
};

export type CorpusName = Pick<CorpusFacts, 'name' | 'isDemo'>;

export type TextEvent = { kind: 'corpus'; corpus: CorpusFacts };

export type TextApi = {
  /** The open text as .jsonl, one {"text": …} a line. */
  export: () => Promise<Outcome<Blob>>;
  /** Replaces the corpus; a failure leaves the one that was open. Refused while a run is open. Cancelled
   *  while the model writes, it keeps what was made, if it is enough. */
  open: (source: CorpusSource, jobId?: JobId) => Promise<Outcome<CorpusFacts>>;
};
