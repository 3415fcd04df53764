// What edits a text while the model makes it, as the text sees it: asked before each step, read after it.
// Who made it, and of what, is not known here.
import type { AutomationPoint, MaskClass } from '../../core/steer/steering';
import type {
  EditReadout,
  LaneName,
  SlotReadout,
  TokenLatents,
} from '../../core/steer/steeringReport';
import type { Edit, Watcher } from '../../model/modelTypes';

/** Of each slot, in their order; null: off. */
export type SlotValuesInForce = readonly (number | null)[];

export type StepReadout = { edits: EditReadout[]; slots: SlotReadout[] };

/** Positions that the next step of the model reads in every lane. */
type EditedStep = {
  /** place in the batch of the lane that is edited */
  lane: number;
  /** position of the first of them */
  position: number;
  /** of each */
  classes: readonly MaskClass[];
  /** asked once, as late as the model allows: at the first edit of the step */
  values: () => SlotValuesInForce;
};

/** Ready on the device where the model runs. */
export type TextEdits = {
  edits: Edit[];
  watchers: Watcher[];
  /** Before each step of the model. */
  prepare: (step: EditedStep) => void;
  /** the step's values; a step without edits reads them now */
  values: () => SlotValuesInForce;
  /** After it, once. latents: of the tokens that it read, where somebody wants to see them */
  read: () => Promise<{ readout: StepReadout; latents: TokenLatents[] }>;
  dispose: () => void;
};

/** Makes one text's edits ready once its turn has come. */
export type TextEditor = {
  /** that are shown */
  lanes: readonly LaneName[];
  /** Throws ConfigError where it cannot be done. */
  check: () => void;
  /** maxRows: most positions of one step. breathe: lets messages in, in the midst of a step. */
  prepare: (o: { maxRows: number; breathe: () => Promise<void> }) => Promise<TextEdits>;
  /** Values in force for a generated token; asked once per token. */
  valuesAt: (token: number) => SlotValuesInForce;
  /** Those values as they changed: played back, they make the same text. */
  automation: () => AutomationPoint[];
};
