// Whether what was shared comes out the same here: reproduced, where it differs, or what is missing to tell.
import { counted } from '../../core/text/counted';
import { ACT_TOLERANCE, LOG_PROB_TOLERANCE } from '../../core/share/compareShared';
import type { ActDifference, LaneDifference } from '../../core/share/compareShared';
import type { SharedContent } from '../../core/share/sharedContent';
import { lineGlyphs } from '../../core/text/visibleText';
import { progressOf } from '../../store/progress';
import { checkBlock, shownRef, type CheckBlock } from '../../store/share/sharingSelectors';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import { ProblemNote } from '../parts/Messages';
import { count, measure, percent } from '../parts/text/numberText';
import { ProgressBar, ProgressTrack } from '../parts/ProgressBar';
import { useActions, useAppState } from '../storeContext';
import styles from './SharedVerdict.module.css';

export function SharedVerdict({ content }: { content: SharedContent }) {
  const check = useAppState((state) => state.share.check);
  const actions = useActions();
  switch (check.kind) {
    case 'none':
      return <Waiting content={content} />;
    case 'running':
      return <Running />;
    case 'failed':
      return (
        <ProblemNote problem={check.problem.kind === 'cancelled' ? null : check.problem}>
          <button
            type="button"
            className={controlStyles.button}
            onClick={() => void actions.share.received.check()}
          >
            Try again
          </button>
        </ProblemNote>
      );
    case 'acts': {
      const { verdict } = check;
      return verdict.kind === 'reproduced' ? (
        <Reproduced>
          {counted(verdict.compared, 'activation')} computed again here: apart by at most{' '}
          {percent(verdict.largest)} of the feature’s maximum.
        </Reproduced>
      ) : (
        <Differs>{actsApart(verdict.first, verdict.others, verdict.compared)}</Differs>
      );
    }
    case 'lanes': {
      const { verdict } = check;
      return verdict.kind === 'reproduced' ? (
        <Reproduced>
          {counted(verdict.compared, 'token')} written again here, the same. Their log-probabilities
          are apart by at most {measure(verdict.largest)}.
        </Reproduced>
      ) : (
        <Differs>{lanesApart(verdict.first)}</Differs>
      );
    }
    default:
      return check satisfies never;
  }
}

function Waiting({ content }: { content: SharedContent }) {
  const kind = useAppState((state) => checkBlock(state, content)?.kind ?? null);
  const isOpening = useAppState((state) => {
    const block = checkBlock(state, content);
    return block?.kind === 'model' && block.isOpening;
  });
  const isEmbedded = useAppState((state) => state.share.embed !== null);
  const actions = useActions();
  if (kind === null) {
    return (
      <p className={styles.verdict} role="status">
        <button
          type="button"
          className={controlStyles.button}
          onClick={() => void actions.share.received.check()}
        >
          Compute it again
        </button>
      </p>
    );
  }
  return (
    <div className={styles.verdict} role="status">
      <p>
        <strong>{isOpening ? 'Waits for the model.' : 'Cannot check'}</strong>
        {!isOpening && `: ${missingText(kind, content)}`}
      </p>
      {kind === 'model' && !isOpening && !isEmbedded && (
        <button
          type="button"
          className={controlStyles.button}
          onClick={() => actions.shell.show('library')}
        >
          Library
        </button>
      )}
    </div>
  );
}

function missingText(kind: CheckBlock['kind'], content: SharedContent): string {
  switch (kind) {
    case 'model': {
      const ref = content.model === null ? 'its model' : `model ${shownRef(content.model)}`;
      return `${ref} is not open here. Drop its checkpoint folder on this page, or open it in Library.`;
    }
    case 'sae': {
      const ref =
        content.sae === null ? 'the SAE that steers' : `SAE ${shownRef(content.sae.saeId)}`;
      return `${ref} is not in this browser. Drop its files (sae_weights.safetensors with cfg.json, or their zip) on this page.`;
    }
    case 'text':
      return 'it carries no text that could be read again.';
    default:
      return kind satisfies never;
  }
}

function Running() {
  const progress = useAppState(progressOf('reproduction'));
  const actions = useActions();
  const cancel = () => void actions.share.received.cancelCheck();
  if (progress !== null) {
    return <ProgressBar label="Check" progress={progress} onCancel={cancel} />;
  }
  return (
    <div className={styles.verdict} role="status">
      <span>Computing it again here…</span>
      <div className={styles.track}>
        <ProgressTrack label="Computing it again here" fraction={null} />
      </div>
      <button type="button" className={controlStyles.button} onClick={cancel}>
        Cancel
      </button>
    </div>
  );
}

function Reproduced({ children }: { children: React.ReactNode }) {
  return (
    <p className={classNames(styles.verdict, styles.same)} role="status">
      <strong>Reproduced ✓</strong> {children}
    </p>
  );
}

function Differs({ children }: { children: React.ReactNode }) {
  return (
    <p className={classNames(styles.verdict, styles.other)} role="status">
      {children}
    </p>
  );
}

function actsApart(first: ActDifference, others: number, compared: number): string {
  const { latentIndex, example, token, text, shared, here } = first;
  return (
    `Differs from token ${token}, “${lineGlyphs(text)}”, of example ${example} of feature ${latentIndex}: ` +
    `${measure(shared)} as shared, ${measure(here)} here. ${count(others + 1)} of ${count(compared)} ` +
    `activations are apart by more than ${percent(ACT_TOLERANCE)} of the feature’s maximum.`
  );
}

function lanesApart({ lane, token, shared, here, margin }: LaneDifference): string {
  const of = (one: LaneDifference['shared']) =>
    one === null ? 'nothing' : `“${lineGlyphs(one.text)}” (log p ${measure(one.logProb)})`;
  const close =
    margin === null
      ? ''
      : ` The two likeliest tokens are ${measure(margin)} apart there: devices round differently.`;
  const isSame = shared !== null && shared.text === here?.text;
  const what = isSame
    ? `its log-probability is apart by more than ${LOG_PROB_TOLERANCE}`
    : 'another one';
  return `Differs from token ${token} of the ${lane} text, ${what}: ${of(shared)} as shared, ${of(here)} here.${close}`;
}
