// Steering: what slots mean at their hooks, vectors of one's own, one slot at many strengths. Types only.
import type { HookPoint } from '../../core/activations/hookPoint';
import type { Steering } from '../../core/steer/steering';
import type {
  DosePoint,
  DoseResponse,
  SteeringCheck,
  VectorFacts,
} from '../../core/steer/steeringReport';
import type { GenerationRequest } from '../generate/api';
import type { JobId, ModelFile, Outcome } from '../shared/api';

/** A text whose lane called steered is edited. */
export type SteeredRequest = GenerationRequest & { steer: Steering };

export type DoseRequest = {
  generation: SteeredRequest;
  slotId: string;
  /** default: 13 from −3 to 3, or the range that the slot's mode and unit allow */
  values?: number[];
  /** number of baseline tokens read after the prompt; default 64 */
  tokens?: number;
  /** tokens whose log-probability is followed */
  watched: number[];
  /** also generates 3 texts of 24 tokens at each strength, for their surprise; default false */
  withSurprise?: boolean;
};

/** Source of a custom direction; it is scaled to a unit vector. */
export type VectorSource = { name: string; hook: HookPoint } & (
  | /** mean over the tokens of one text, less that of the other */
    { kind: 'prompts'; positive: string; negative: string }
    /** .json (numbers), .npy or .safetensors; with several tensors, one must be named */
  | { kind: 'file'; file: ModelFile; tensor?: string }
  /** a decoder row of another SAE */
  | { kind: 'decoder'; saeId: string; latentIndex: number }
);

export type SteerEvent =
  | { kind: 'dosePoint'; point: DosePoint; done: number; total: number }
  | { kind: 'vectors'; vectors: VectorFacts[] };

export type SteerApi = {
  /** As generate.run, with the steered lane, or both. */
  generate: (generationId: JobId, request: SteeredRequest) => Promise<Outcome<null>>;
  /** Values are read once per token, so it affects the next one. null: off (muted). */
  setSlotValue: (slotId: string, value: number | null) => Promise<void>;
  /** What its dials mean at their hooks, and warnings; reads some text once per hook. */
  check: (steering: Steering) => Promise<Outcome<SteeringCheck>>;
  /** One slot at many strengths over the baseline's text; points arrive as events too. */
  measureDose: (request: DoseRequest, jobId?: JobId) => Promise<Outcome<DoseResponse>>;
  makeVector: (source: VectorSource) => Promise<Outcome<VectorFacts>>;
  listVectors: () => Promise<VectorFacts[]>;
  deleteVector: (vectorId: string) => Promise<void>;
};
