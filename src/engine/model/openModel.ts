// What is open: a model, or rows of a file in the place of one. Types only.
import type { NanochatCheckpoint } from '../../core/model/nanochat';
import type { DroppedFile } from '../../formats/model/nanochatFolder';
import type { TokenizerFile } from '../../formats/model/tokenizerPickle';
import type { ModelRuntime } from '../../model/modelTypes';
import type { Tokenizer } from '../../model/tokenizer';
import type { OpenCorpus } from '../text/corpusHost';
import type { ModelFacts, RowView } from './api';

export type OpenModel = {
  facts: ModelFacts;
  /** as it runs */
  checkpoint: NanochatCheckpoint;
  tokenizer: Tokenizer;
  /** as it was read, for storing; null: rows of a file */
  read: ReadModel | null;
  /** what stands in the place of a model's weights and of a text; null: a model */
  rows: RowsSource | null;
};

/** A model as its files say. */
export type ReadModel = Pick<ModelFacts, 'name' | 'isDemo' | 'stage'> & {
  /** under which it is kept */
  id: string;
  filesHash: string;
  checkpoint: NanochatCheckpoint;
  tokenizerFile: TokenizerFile;
};

/** What rows give in the place of weights and of a text. */
export type RowsSource = {
  runtime: ModelRuntime;
  corpus: OpenCorpus;
  /** what was read, to be kept for the next visit */
  files: readonly DroppedFile[];
  /** those with a label as lines of {text, label}; the text names the row */
  labelledLines: () => string;
  views: (rows: readonly number[]) => RowView[];
};
