// Queued runs: their order, their GPU memory, and which of them will share each forward pass.
import { elementAt } from '../../core/elementAt';
import { memoryTogether, nextGroup } from '../../core/train/trainingMemory';
import type { RunFacts } from '../../engine/train/api';
import { queueBlock } from '../../store/train/runBlocks';
import { bytes, count } from '../parts/text/numberText';
import { ConfirmButton } from '../parts/buttons/ConfirmButton';
import { Icon } from '../parts/Icon';
import { NumberField } from '../parts/fields/NumberField';
import { useActions, useAppState } from '../storeContext';
import { runDetail, runName } from './runText';
import { classNames } from '../parts/look/classNames';
import controlStyles from '../parts/look/controls.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import rowStyles from '../parts/look/rows.module.css';
import wordStyles from '../parts/look/words.module.css';

const GB = 1e9;

export function QueuePanel() {
  const all = useAppState((state) => state.train.runs);
  const runs = all.filter(({ phase }) => phase.kind === 'queued');
  const budgetBytes = useAppState((state) => state.train.budgetBytes);
  if (runs.length === 0) return null;
  return (
    <section className={layoutStyles.panel} aria-labelledby="queue">
      <h2 id="queue">Queue</h2>
      <ol className={rowStyles.list}>
        {runs.map((run, place) => (
          <QueueItem key={run.runId} run={run} place={place} of={runs.length} />
        ))}
      </ol>
      <p className={classNames(wordStyles.muted, wordStyles.small)}>
        {groupText(runs, budgetBytes)}
      </p>
      <QueuePlay />
    </section>
  );
}

function QueueItem({ run, place, of }: { run: RunFacts; place: number; of: number }) {
  const busy = useAppState((state) => state.train.busy);
  const actions = useActions();
  const subject = `run on ${runName(run)}, ${runDetail(run)}`;
  return (
    <li className={rowStyles.item}>
      <div className={rowStyles.name}>
        <div title={run.config.hookPoint}>{runName(run)}</div>
        <div className={classNames(wordStyles.muted, wordStyles.small)}>
          {runDetail(run)} · {bytes(memoryTogether([run.config]))}
        </div>
      </div>
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet)}
          aria-label={`Earlier: ${subject}`}
          disabled={busy || place === 0}
          onClick={() => void actions.train.queue.move(run.runId, -1)}
        >
          ↑
        </button>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.quiet)}
          aria-label={`Later: ${subject}`}
          disabled={busy || place === of - 1}
          onClick={() => void actions.train.queue.move(run.runId, 1)}
        >
          ↓
        </button>
        <ConfirmButton
          label="Remove"
          subject={subject}
          question="Remove it from the queue?"
          disabled={busy}
          onConfirm={() => void actions.train.deleteRun(run.runId)}
        />
      </div>
    </li>
  );
}

function QueuePlay() {
  const busy = useAppState((state) => state.train.busy);
  const reason = useAppState(queueBlock);
  const budgetBytes = useAppState((state) => state.train.budgetBytes);
  const actions = useActions();
  return (
    <>
      <NumberField
        id="budget"
        label="GPU memory for runs at once"
        unit="GB"
        help="your estimate, because a page cannot see free memory"
        value={budgetBytes / GB}
        min={0.1}
        step={0.1}
        onChange={(value) => actions.train.queue.setBudget(value * GB)}
      />
      <div className={layoutStyles.buttonRow}>
        <button
          type="button"
          className={classNames(controlStyles.button, controlStyles.primary)}
          disabled={busy || reason !== null}
          aria-describedby="queue-reason"
          onClick={() => void actions.train.queue.play()}
        >
          <Icon name="play" />
          Play the queue
        </button>
        <span className={wordStyles.reason} id="queue-reason">
          {reason}
        </span>
      </div>
    </>
  );
}

/** Which runs train together, as a sentence. */
function groupText(runs: readonly RunFacts[], budgetBytes: number): string {
  const configs = runs.map(({ config }) => config);
  const group = nextGroup(configs, budgetBytes);
  const size = bytes(memoryTogether(group.map((index) => elementAt(configs, index))));
  const left = runs.length - group.length;
  const after = left === 0 ? '' : ` ${count(left)} more ${left === 1 ? 'follows' : 'follow'}.`;
  if (group.length === 1) return `The first trains alone, about ${size}.${after}`;
  return `The first ${count(group.length)} read the same tokens: they share each forward pass of the model, about ${size} together.${after}`;
}
