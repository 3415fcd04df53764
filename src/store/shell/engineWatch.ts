// Whether the engine lives: it is asked again and again, and the page says so when no answer comes. An engine that never
// began, or hangs, could say nothing itself.
import type { StoreContext } from '../context';

/** Between an answer and the next question, ms. */
const PAUSE_MS = 5_000;
/** Without an answer, ms: longer than any step that the engine takes without a pause. */
const PATIENCE_MS = 20_000;

export function watchEngine({ api, env, get, patch }: StoreContext): void {
  let hasAnswered = false;
  const ask = () => {
    const giveUp = env.after(PATIENCE_MS, () => {
      if (get().shell.engine.kind === 'failed') return;
      patch('shell', { engine: { kind: 'silent', hasAnswered } });
    });
    void api.answer().then(() => {
      giveUp();
      hasAnswered = true;
      if (get().shell.engine.kind !== 'answers') patch('shell', { engine: { kind: 'answers' } });
      env.after(PAUSE_MS, ask);
    });
  };
  ask();
}
