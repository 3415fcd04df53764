// What a pass over text remembers of every latent, what people wrote of it, guessed labels. Types only.
import type { ChosenFeature } from '../../core/statistics/chosenFeatures';
import type { TokenMoments } from '../../core/statistics/activationMoments';
import type { ContextLine } from '../../core/statistics/contextLines';
import type { LabelGuess } from '../../core/statistics/latentLabel';
import type { TokenView } from '../model/api';
import type { LogitToken, SaeFacts } from '../sae/api';
import type { JobId, Outcome } from '../shared/api';

/** One row of the latent table. NaN-free: a dead latent has maxAct 0 and no fires. */
export type LatentRow = {
  latentIndex: number;
  /** firing / counted tokens */
  density: number;
  fireCount: number;
  maxAct: number;
  /** mean activation given firing */
  meanAct: number;
  /** excess kurtosis of the activations given firing; null if unknown or undefined (fewer
   *  than two different activations, statistics of an earlier version) */
  kurtosis: number | null;
  /** density above 10 % */
  isAlwaysOn: boolean;
  /** best cosine with another decoder direction, and whose; null if it was not computed */
  neighbourCosine: number | null;
  neighbourIndex: number | null;
  /** words on which it fires most, weighted by activation; empty for a dead latent */
  firesOn: readonly string[];
  /** the token it promotes most on the direct path, null without logits; never its name */
  topToken: string | null;
  /** training step from which its direction stayed near the final one; null: never; absent: not
   *  known (yet) */
  birthStep?: number | null;
};

export type ExampleToken = TokenView & { act: number };

/** Examples of one sequence share their `tokens`. */
export type Example = {
  tokens: ExampleToken[];
  /** index in `tokens` of the token for which this example was chosen */
  peak: number;
  act: number;
  /** how often the same ±8 tokens were seen */
  repeats: number;
  /** position of tokens[0] in its sequence; null if it was not stored */
  firstPosition: number | null;
};

/** Firing tokens with an activation above `from`, up to `to`; not every token may have an example. */
export type ExampleGroup = { from: number; to: number; count: number; examples: Example[] };

/** Another latent with the words on which it fires most; null: its SAE has no statistics. */
export type NeighbourLatent = {
  latentIndex: number;
  firesOn: readonly string[] | null;
  cosine: number;
};

export type PartnerLatent = {
  latentIndex: number;
  firesOn: readonly string[] | null;
  phi: number;
  /** tokens on which both fire; null: counted by an earlier version, which did not keep it */
  together: number | null;
  /** P(partner fires | this one fires) */
  conditional: number;
};

type HistogramBins = { binWidth: number; counts: number[] };

export type LatentDashboard = {
  row: LatentRow;
  tokensSeen: number;
  histogram: HistogramBins;
  topExamples: Example[];
  /** null: the statistics are from an earlier version, which did not store this */
  details: LatentDetails | null;
  /** direct path only: g_L · W_U · d̂ */
  topLogits: LogitToken[];
  bottomLogits: LogitToken[];
};

/** What a card shows of a latent. */
export type LatentCard = {
  row: LatentRow;
  tokensSeen: number;
  /** firing tokens in CARD_BARS slices of (0, max] of equal width; empty for a dead latent */
  histogram: number[];
  /** of its strongest examples, at most CARD_LINES, strongest first */
  lines: ContextLine[];
};

export type LatentDetails = {
  /** special tokens seen and left out */
  excludedTokens: number;
  moments: TokenMoments;
  /** uniform over all firing tokens, one per sequence */
  randomExamples: Example[];
  /** equal-width slices of (0, max], highest first */
  intervals: ExampleGroup[];
  /** 0-50-90-99-99.9-100 % of the firing tokens, highest first */
  quantiles: ExampleGroup[];
  /** by decoder cosine, best first */
  neighbours: NeighbourLatent[];
  /** by φ, best first, counted on partnerTokens tokens */
  partners: PartnerLatent[];
  partnerTokens: number;
};

/** The user's notes about a latent. */
export type LatentNote = {
  latentIndex: number;
  /** at most 80 characters */
  label: string;
  /** at most 2,000 */
  note: string;
  tags: string[];
  isStarred: boolean;
};

export type StatisticsApi = {
  /** One pass over the corpus; progress and previews as events. Cancelled, it keeps what was read so far. topKept:
   *  strongest examples kept of each latent, at most 64; default 20. */
  compute: (
    saeId: string,
    tokens: number,
    jobId?: JobId,
    topKept?: number,
  ) => Promise<Outcome<SaeFacts>>;
  rows: (saeId: string) => Promise<Outcome<LatentRow[]>>;
  dashboard: (saeId: string, latentIndex: number) => Promise<Outcome<LatentDashboard>>;
  /** In the order asked for. */
  cards: (saeId: string, latentIndices: number[]) => Promise<Outcome<LatentCard[]>>;
  /** SAEDashboard's batch-N.json of these latents; with logit histograms if the model is open. */
  exportDashboards: (saeId: string, latentIndices: number[]) => Promise<Outcome<Blob>>;
  /** Features that a person chose, with strengths and texts; none for an SAE that does not ship with the page. */
  chosen: (saeId: string) => Promise<Outcome<ChosenFeature[]>>;
  /** Of a shipped SAE, the chosen features have notes from the start. */
  notes: (saeId: string) => Promise<Outcome<LatentNote[]>>;
  /** An empty note is deleted. Resolves with what was stored: texts are cut to their maximum lengths. */
  setNote: (saeId: string, note: LatentNote) => Promise<Outcome<LatentNote>>;
  /** One background pass that guesses a plain label for every latent and scores each guess on held-out text;
   *  no external service is used. Progress as events; the guesses are stored. */
  guessLabels: (saeId: string, tokens: number, jobId?: JobId) => Promise<Outcome<LabelGuess[]>>;
  /** null before the first pass */
  labelGuesses: (saeId: string) => Promise<LabelGuess[] | null>;
};
