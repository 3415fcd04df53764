// The Steer screen's state and its first values: the setup with its undo, what is known of targets, the run,
// and the tools beside it. Plain data; actions live in their own files.
import type { SteerTool } from '../../core/share/formShare';
import type { OwnPreset } from '../../core/steer/ownPreset';
import type { Turn } from '../../core/model/chat';
import type { SharedSlot } from '../../core/share/sharedSteer';
import type {
  DosePoint,
  DoseResponse,
  LaneName,
  SlotScale,
  VectorFacts,
} from '../../core/steer/steeringReport';
import type { Problem } from '../../engine/shared/api';
import type { GeneratedToken } from '../../engine/generate/api';
import type { LatentDashboard, LatentRow } from '../../engine/statistics/api';
import type { GenerationForm, GenerationMode, GenerationRun } from '../generate/generationRun';
import type { Loadable } from '../loadable';
import { EMPTY_SETUP, NO_HISTORY, type SteerHistory, type SteerSetup } from './steerSetup';

/** Slots of a link, until the SAEs they name are listed. */
type WantedSetup = { slots: readonly SharedSlot[]; automation: readonly WantedPoint[] };
type WantedPoint = { slot: number; token: number; value: number | null };

export type DoseState = {
  slotId: string;
  running: boolean;
  done: number;
  total: number;
  points: readonly DosePoint[];
  /** whole once it ended well */
  response: DoseResponse | null;
  /** of the followed tokens, in the order of `deltaLogProb` */
  watched: readonly string[];
  problem: Problem | null;
};

/** A text that is read for its features, without steering. */
type ReadingState = { text: string; run: GenerationRun | null };

/** The tokens that a replay must reproduce, lane by lane. */
type Replayed = Record<LaneName, GeneratedToken[]>;

export type SteerState = {
  setup: SteerSetup;
  history: SteerHistory;
  /** the slot that the keys change; null: the last one */
  chosenSlotId: string | null;
  wanted: WantedSetup | null;
  /** the SAE in which new slots are searched */
  saeId: string | null;
  /** per SAE and its statistics */
  rows: Readonly<Record<string, { statisticsTokens: number; loaded: Loadable<LatentRow[]> }>>;
  /** per target, as latentKey names it */
  dashboards: Readonly<Record<string, Loadable<LatentDashboard>>>;
  /** per slot id */
  scales: Readonly<Record<string, SlotScale>>;
  warnings: readonly string[];
  form: GenerationForm;
  lanes: 'both' | 'steered';
  isDiffOn: boolean;
  run: GenerationRun | null;
  /** a preset was opened and writes as soon as it can */
  isAwaited: boolean;
  /** what the run on screen replays, if anything */
  replayed: Replayed | null;
  /** null: as the checkpoint suggests */
  chosenMode: GenerationMode | null;
  chat: { system: string; turns: readonly Turn[] };
  /** open in the drawer */
  tool: SteerTool | null;
  dose: DoseState | null;
  reading: ReadingState;
  vectors: readonly VectorFacts[];
  vectorBusy: boolean;
  vectorProblem: Problem | null;
  /** null until they were read from storage */
  presets: readonly OwnPreset[] | null;
  presetProblem: Problem | null;
};

export function firstSteer(form: GenerationForm): SteerState {
  return {
    setup: EMPTY_SETUP,
    history: NO_HISTORY,
    chosenSlotId: null,
    wanted: null,
    saeId: null,
    rows: {},
    dashboards: {},
    scales: {},
    warnings: [],
    form: { ...form, maxTokens: 64 },
    lanes: 'both',
    isDiffOn: false,
    run: null,
    isAwaited: false,
    replayed: null,
    chosenMode: null,
    chat: { system: '', turns: [] },
    tool: null,
    dose: null,
    reading: { text: '', run: null },
    vectors: [],
    vectorBusy: false,
    vectorProblem: null,
    presets: null,
    presetProblem: null,
  };
}

export function latentKey(saeId: string, latentIndex: number): string {
  return `${saeId}/${latentIndex}`;
}
