// What to do when the engine did not start or does not answer: nothing on the page can work then, and it cannot say so.
import type { EngineHealth } from '../../store/shell/shellState';
import { Note, ProblemNote } from '../parts/Messages';
import { useAppState } from '../storeContext';
import controlStyles from '../parts/look/controls.module.css';

export function EngineNotice() {
  const engine = useAppState((state) => state.shell.engine);
  if (engine.kind === 'failed') {
    const problem = {
      kind: 'network' as const,
      what: `The engine, which runs the model, did not start: ${engine.why}.`,
      wayOut: 'Check the connection, then reload the page. Saved work is kept.',
      field: null,
    };
    return (
      <ProblemNote problem={problem}>
        <ReloadButton />
      </ProblemNote>
    );
  }
  if (engine.kind !== 'silent') return null;
  return (
    <Note>
      <p>{silence(engine)}</p>
      <ReloadButton />
    </Note>
  );
}

function silence({ hasAnswered }: Extract<EngineHealth, { kind: 'silent' }>): string {
  return hasAnswered
    ? 'The engine has not answered for 20 seconds. It may be in the middle of something long. If this stays, reload the page; saved work is kept.'
    : 'The engine, which runs the model, has not started yet: its files are still on their way. If this stays, check the connection and reload the page.';
}

function ReloadButton() {
  return (
    <button type="button" className={controlStyles.button} onClick={() => location.reload()}>
      Reload the page
    </button>
  );
}
