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
  /** token ids given to each lane first, before it chooses: to branch from a token, or rerun a text. Read one
   *  by one, with the automation's values, which restores the lane's state. Absent: none */
  prefix?: Partial<Record<LaneName, number[]>>;
};

export type GeneratedToken = TokenView & {
  /** natural log of the token's probability before temperature; null if the model did not choose it */
  logProb: number | null;
  /** a calculator's result, inserted by us: excluded from every mean over tokens */
  isForced: boolean;
  /** values of the slots when this token was chosen, in their order; null: off. Empty in the baseline */
  values: (number | null)[];
  /** null if forced by a tool */
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
  /** features of earlier tokens: a token's features arrive once the model has read it */
  | { kind: 'tokenLatents'; generationId: JobId; tokens: TokenLatents[] }
  | { kind: 'generationPaused'; generationId: JobId; isPaused: boolean }
  | {
      kind: 'generated';
      generationId: JobId;
      /** lost: the GPU device; what was reported before remains */
      reason: 'length' | 'stop' | 'end' | 'context' | 'failed' | 'lost';
      /** generated token at which the lanes diverged; null: they did not, or there is only one */
      divergence: number | null;
      /** values as they changed: played back, they give the same text; null without steering */
      automation: AutomationPoint[] | null;
    };

export type GenerateApi = {
  /** Continues in one lane; resolves when the text ends. Tokens arrive as events. Cancelled, a text ends
   *  with the reason stop. */
  run: (generationId: JobId, request: GenerationRequest) => Promise<Outcome<null>>;
  /** Pauses before the next token; other work continues meanwhile. */
  pause: () => Promise<void>;
  resume: () => Promise<void>;
  /** Generates one more token, then pauses. */
  step: () => Promise<void>;
};
