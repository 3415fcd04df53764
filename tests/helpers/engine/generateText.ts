// One generated text of a listened engine, token by token: a test acts at a token, and its act is in force for the next.
import type { EngineEvent } from '../../../src/engine/api';
import type { GeneratedToken, GenerationRequest } from '../../../src/engine/generate/api';
import type { SteeredRequest } from '../../../src/engine/steer/api';
import type { ListenedEngine } from './nodeEngine';

export type GeneratedText = Record<'baseline' | 'steered', GeneratedToken[]> & {
  end: Extract<EngineEvent, { kind: 'generated' }>;
  /** all that was said of this text */
  events: EngineEvent[];
};

/** token: 0, 1, … of the steered lane, or of the only lane where there is one */
export type OnToken = (token: number, generationId: number) => void;

/** Ids of generated texts, each used once in a process. */
let nextId = 1;
export function newGenerationId(): number {
  return nextId++;
}

/** @param onToken called as each token is told
 *  @throws the problem, where the engine reports one */
export async function generateText(
  { engine, listen }: ListenedEngine,
  request: GenerationRequest | SteeredRequest,
  onToken: OnToken = () => undefined,
): Promise<GeneratedText> {
  const generationId = newGenerationId();
  const watched = 'steer' in request ? 'steered' : 'baseline';
  const own: EngineEvent[] = [];
  let told = 0;
  const end = listen((event) => {
    if (!('generationId' in event) || event.generationId !== generationId) return;
    own.push(event);
    if (event.kind === 'token' && event.lane === watched) onToken(told++, generationId);
  });
  const outcome =
    'steer' in request
      ? await engine.steer.generate(generationId, request)
      : await engine.generate.run(generationId, request);
  end();
  if (!outcome.ok) throw new Error(`${outcome.problem.what} ${outcome.problem.wayOut}`);
  const lane = (name: string) =>
    own.flatMap((event) => (event.kind === 'token' && event.lane === name ? [event.token] : []));
  const generated = own.find((event) => event.kind === 'generated');
  if (generated === undefined) throw new Error('the text ended without saying so');
  return { baseline: lane('baseline'), steered: lane('steered'), end: generated, events: own };
}
