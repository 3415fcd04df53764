// Asks the browser's own language model what the top examples have in common. Whether there is one is asked on a press
// only: browsers write into the console about the question itself.
import { useState } from 'react';
import type { LatentDashboard } from '../../../engine/statistics/api';
import { lineGlyphs } from '../../../core/text/visibleText';
import { askOpinion, findLanguageModel } from '../languageModel';
import { classNames } from '../../parts/look/classNames';
import controlStyles from '../../parts/look/controls.module.css';
import wordStyles from '../../parts/look/words.module.css';

type State =
  | { kind: 'idle' | 'asking' | 'absent' }
  | { kind: 'answered'; text: string }
  | { kind: 'failed'; why: string };

export function SecondOpinion({ dashboard }: { dashboard: LatentDashboard }) {
  const [state, setState] = useState<State>({ kind: 'idle' });
  const model = findLanguageModel();
  if (model === null) return null;
  async function ask(asked: NonNullable<typeof model>) {
    setState({ kind: 'asking' });
    try {
      // Only one that is already on the device: using another would download it.
      if ((await asked.availability()) !== 'available') setState({ kind: 'absent' });
      else setState({ kind: 'answered', text: await askOpinion(asked, dashboard.topExamples) });
    } catch (cause) {
      setState({ kind: 'failed', why: cause instanceof Error ? cause.message : String(cause) });
    }
  }
  return (
    <div>
      <button
        type="button"
        className={classNames(controlStyles.linkButton, wordStyles.small)}
        disabled={state.kind === 'asking'}
        title="This browser’s own language model; nothing leaves the device"
        onClick={() => void ask(model)}
      >
        {state.kind === 'asking' ? 'Asking…' : 'Second opinion, on this device'}
      </button>
      <p className={wordStyles.small} role="status">
        {state.kind === 'absent' && 'This browser has no language model on the device.'}
        {state.kind === 'answered' && (
          <>
            The browser’s language model says “{lineGlyphs(state.text)}”: another guess, not scored.
          </>
        )}
        {state.kind === 'failed' && `The browser’s language model did not answer: ${state.why}`}
      </p>
    </div>
  );
}
