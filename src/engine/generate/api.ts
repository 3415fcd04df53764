// Text that the model writes, token by token. Types only.
import type { Conversation } from '../../core/model/chat';
import type { AutomationPoint } from '../../core/steer/steering';
import type {
  LaneName,
  SteeredReadout,
  TokenChoice,
  TokenLatents,
} from '../../core/steer/steeringReport';
import type { TokenView } from '../model/api';
import type { JobId, Outcome } from '../shared/api';

export type GenerationRequest = {
  /** a text to continue after <|bos|>, or a conversation to reply to */
  prompt: string | Conversation;
  maxTokens: number;
  temperature: number;
  topK: number;
  seed: number;
  /** token ids that a lane says first, before it chooses: branch from a token, or run a text again. Read one
   *  by one, with the automation's values: the lane is then as it was. Absent: none */
  prefix?: Partial<Record<LaneName, number[]>>;
};

export type GeneratedToken = TokenView & {
  /** natural log of the token's probability before temperature; null where the model did not choose it */
  logProb: number | null;
  /** a calculator's result, put in by us: outside every mean over tokens */
  isForced: boolean;
  /** of the slots in force when this token was chosen, in their order; null: off. Empty in the baseline */
  values: (number | null)[];
  /** null where forced by a tool */
  choice: TokenChoice | null;
  /** null in the baseline */
  steered: SteeredReadout | null;
};

export type GenerateEvent =
  | { kind: 'prompt'; generationId: JobId; tokens: TokenView[] }
  | {
      kind: 'token';
      generationId: JobId;
      lane: LaneName;
      token: GeneratedToken;
    }
  /** features of tokens already told: a token's own come when the model has read it */
  | { kind: 'tokenLatents'; generationId: JobId; tokens: TokenLatents[] }
  | { kind: 'generationPaused'; generationId: JobId; isPaused: boolean }
  | {
      kind: 'generated';
      generationId: JobId;
      /** lost: the GPU device; what was told stays */
      reason: 'length' | 'stop' | 'end' | 'context' | 'failed' | 'lost';
      /** generated token at which the lanes parted; null: they did not, or there is one */
      divergence: number | null;
      /** values as they changed: played back, it makes the same text; null without steering */
      automation: AutomationPoint[] | null;
    };

export type GenerateApi = {
  /** Continues in one lane; resolves when the text ends. Tokens arrive as events. Cancelled, a text ends with the
   *  reason stop. */
  run: (generationId: JobId, request: GenerationRequest) => Promise<Outcome<null>>;
  /** Holds before the next token; other work goes on meanwhile. */
  pause: () => Promise<void>;
  resume: () => Promise<void>;
  /** One more token, then it holds. */
  step: () => Promise<void>;
};
