// One text in the making, wherever it is made: its form and its run.
import type { AutomationPoint, Steering } from '../../core/steer/steering';
import type { LaneName, TokenLatents } from '../../core/steer/steeringReport';
import type { Problem } from '../../engine/shared/api';
import type { TokenView } from '../../engine/model/api';
import type { GeneratedToken, GenerationRequest } from '../../engine/generate/api';

/** steer null: one lane without any edit */
export type TextRequest = GenerationRequest & { steer: Steering | null };

export type GenerationForm = {
  prompt: string;
  maxTokens: number;
  temperature: number;
  topK: number;
  seed: number;
};

/** One text in the making, or the last one made. */
export type GenerationRun = {
  generationId: number;
  running: boolean;
  prompt: TokenView[];
  lanes: Record<LaneName, GeneratedToken[]>;
  reason: 'length' | 'stop' | 'end' | 'context' | 'failed' | 'lost' | null;
  problem: Problem | null;
  startedAt: number;
  updatedAt: number;
  isPaused: boolean;
  /** as it was asked for */
  request: TextRequest;
  /** values as they changed, once the text has ended: played back they make it again */
  automation: readonly AutomationPoint[] | null;
  /** strongest latents of the tokens read so far */
  latents: readonly TokenLatents[];
};

export type GenerationMode = 'completion' | 'chat';
