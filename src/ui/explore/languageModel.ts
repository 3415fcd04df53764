// The language model that some browsers keep on the device (Chrome's Prompt API, `LanguageModel`). It is only
// used if it is already there: nothing is downloaded and nothing leaves the device.
import { elementAt } from '../../core/elementAt';
import { runningTexts } from '../../core/text/runningText';

type Session = { prompt: (text: string) => Promise<string>; destroy: () => void };
export type DeviceLanguageModel = {
  availability: () => Promise<'unavailable' | 'downloadable' | 'downloading' | 'available'>;
  create: () => Promise<Session>;
};

/** null if the browser has no such interface. */
export function findLanguageModel(): DeviceLanguageModel | null {
  const found = (globalThis as { LanguageModel?: unknown }).LanguageModel;
  if (typeof found !== 'function' && typeof found !== 'object') return null;
  return found as DeviceLanguageModel | null;
}

/** Longest opinion shown, characters: as long as a label. */
const MAX_OPINION = 80;

/** The model's answer, in one line, to what these texts have in common; the strongest token of each is
 *  marked. */
export async function askOpinion(
  model: DeviceLanguageModel,
  examples: readonly { tokens: readonly { text: string; isSpecial: boolean }[]; peak: number }[],
): Promise<string> {
  const lines = examples.slice(0, 8).map(({ tokens, peak }) => {
    const running = runningTexts(tokens.map(({ text }) => text));
    return tokens
      .map(({ isSpecial }, i) => {
        const { text, continues } = elementAt(running, i);
        if (isSpecial) return '';
        return i === peak ? `<<${continues ?? text}>>` : text;
      })
      .join('');
  });
  const session = await model.create();
  try {
    const answer = await session.prompt(
      'A detector fires on the token marked << >> in each text below. In at most eight words, what do ' +
        `these marked tokens have in common? Answer with the words only.\n\n${lines.join('\n')}`,
    );
    const line = answer.trim().split('\n')[0] ?? '';
    return Array.from(line).slice(0, MAX_OPINION).join('');
  } finally {
    session.destroy();
  }
}
