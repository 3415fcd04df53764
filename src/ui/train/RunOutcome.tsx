// The result of a finished run: its SAE, ready to be explored.
import type { RunFacts } from '../../engine/train/api';
import { endedSae } from '../../store/train/trainSelectors';
import { Term } from '../parts/text/Term';
import { measure } from '../parts/text/numberText';
import { readsRows } from './runText';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import messageStyles from '../parts/Messages.module.css';
import controlStyles from '../parts/look/controls.module.css';

export function RunOutcome({ run }: { run: RunFacts }) {
  const sae = useAppState((state) => endedSae(state, run));
  const actions = useActions();
  if (sae === null) return null;
  return (
    <div className={messageStyles.note}>
      <p className={messageStyles.text}>
        {run.phase.kind === 'done' ? 'Training is done.' : 'Training was stopped; the SAE is kept.'}{' '}
        {sae.explainedVariance !== null && (
          <>
            On {readsRows(run) ? 'rows' : 'text'} that it never saw, its{' '}
            <Term of="Explained variance">explained variance</Term> is{' '}
            <strong>{measure(sae.explainedVariance)}</strong>.
          </>
        )}
      </p>
      <button
        type="button"
        className={classNames(controlStyles.button, controlStyles.primary)}
        onClick={() => actions.explore.openTrained(sae)}
      >
        Explore this SAE
      </button>
    </div>
  );
}
