// A row for every SAE with its tick box, results and status. Rows fill while they are measured.
import { openRows } from '../../store/model/openRows';
import { saeName } from '../../core/sae/saeName';
import type { SaeFacts } from '../../engine/sae/api';
import type { EvaluationRow } from '../../engine/evaluate/api';
import { chosenSaes, evaluationBlock } from '../../store/evaluate/evaluationSelectors';
import { saveBlob } from '../files';
import { hookText } from '../parts/text/hookText';
import { count } from '../parts/text/numberText';
import { sentence } from '../parts/text/sentence';
import { Explained } from '../parts/Explained';
import { Icon } from '../parts/Icon';
import { useActions, useAppState } from '../storeContext';
import {
  betterText,
  FIRST_COLUMNS,
  FURTHER_COLUMNS,
  TOGETHER_COLUMN,
  type MetricColumn,
} from './metricColumns';
import { classNames } from '../parts/look/classNames';
import tableStyles from './metricTable.module.css';
import controlStyles from '../parts/look/controls.module.css';
import inputStyles from '../parts/look/inputs.module.css';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './EvaluationTable.module.css';

const NO_SAES: SaeFacts[] = [];

export function EvaluationTable() {
  const saes = useAppState((state) => state.sae.list) ?? NO_SAES;
  const ticked = useAppState((state) => chosenSaes(state).length);
  const hasAny = useAppState(({ evaluate }) =>
    Object.values(evaluate.rows ?? {}).some((row) => row.evaluation !== null),
  );
  const isFull = useAppState((state) => state.evaluate.isFull);
  const hasRows = useAppState((state) => openRows(state) !== null);
  const columns = useColumns();
  const actions = useActions();
  return (
    <section className={layoutStyles.panel} aria-labelledby="evaluation-results">
      <div className={layoutStyles.panelHead}>
        <h2 id="evaluation-results">Results</h2>
        <div className={layoutStyles.buttonRow}>
          <button
            type="button"
            className={controlStyles.button}
            aria-pressed={isFull}
            onClick={() => actions.evaluate.setFull(!isFull)}
          >
            All numbers
          </button>
          <ReportButtons hasAny={hasAny} />
        </div>
      </div>
      <div
        className={tableStyles.scroll}
        tabIndex={0}
        role="region"
        aria-label="Results, scrolls sideways"
      >
        <table className={tableStyles.table}>
          <thead>
            <tr>
              <th scope="col" className={tableStyles.stickyCell}>
                <label className={styles.tick}>
                  <input
                    type="checkbox"
                    aria-label="All SAEs"
                    checked={ticked === saes.length}
                    onChange={(event) => actions.evaluate.tickAll(event.target.checked)}
                  />
                  SAE
                </label>
              </th>
              {columns.map((one) => (
                <ColumnHead key={one.title} {...one} />
              ))}
              {isFull && (
                <>
                  <th scope="col">{hasRows ? 'Rows' : 'Tokens'}</th>
                  <th scope="col">Measured</th>
                </>
              )}
            </tr>
          </thead>
          <tbody>
            {saes.map((sae) => (
              <SaeRow key={sae.saeId} sae={sae} isFull={isFull} />
            ))}
          </tbody>
        </table>
      </div>
      {!hasAny && (
        <p className={wordStyles.muted}>
          Nothing measured yet. Tick SAEs and press Evaluate; results stay in this browser.
        </p>
      )}
    </section>
  );
}

function useColumns(): readonly MetricColumn[] {
  const isFull = useAppState((state) => state.evaluate.isFull);
  const hasTogether = useAppState(({ evaluate }) =>
    Object.values(evaluate.rows ?? {}).some((row) => row.evaluation?.together !== undefined),
  );
  return [
    ...FIRST_COLUMNS,
    ...(hasTogether ? [TOGETHER_COLUMN] : []),
    ...(isFull ? FURTHER_COLUMNS : []),
  ];
}

const ARROWS = { up: '↑', down: '↓' } as const;

function ColumnHead({ title, meaning, better }: MetricColumn) {
  return (
    <th scope="col">
      <Explained meaning={`${meaning} ${betterText(better)}`}>{title}</Explained>
      {better !== null && <span aria-hidden="true"> {ARROWS[better]}</span>}
    </th>
  );
}

function SaeRow({ sae, isFull }: { sae: SaeFacts; isFull: boolean }) {
  const row = useAppState((state) => state.evaluate.rows?.[sae.saeId] ?? null);
  const isTicked = useAppState(
    ({ evaluate }) => evaluate.chosenIds === null || evaluate.chosenIds.includes(sae.saeId),
  );
  const isShown = useAppState((state) => state.evaluate.shownId === sae.saeId);
  const columns = useColumns();
  const actions = useActions();
  const evaluation = row?.evaluation ?? null;
  const name = saeName(sae);
  return (
    <tr className={isShown ? tableStyles.shown : undefined}>
      <th scope="row" className={tableStyles.stickyCell}>
        <div className={styles.tick}>
          <input
            type="checkbox"
            aria-label={`Evaluate ${name}`}
            checked={isTicked}
            onChange={(event) => actions.evaluate.tick(sae.saeId, event.target.checked)}
          />
          {evaluation === null ? (
            <span className={styles.name}>{name}</span>
          ) : (
            <button
              type="button"
              className={classNames(controlStyles.linkButton, styles.name)}
              aria-expanded={isShown}
              onClick={() => actions.evaluate.show(isShown ? null : sae.saeId)}
            >
              {name}
            </button>
          )}
        </div>
        <p className={classNames(styles.state, wordStyles.muted, wordStyles.small)}>
          {hookText(sae.hookPoint)}
        </p>
        <RowState sae={sae} row={row} />
      </th>
      {columns.map(({ title, of, write }) => {
        const value = evaluation === null ? null : of(evaluation);
        return (
          <td key={title} title={value === null ? undefined : String(value)}>
            {write(value)}
          </td>
        );
      })}
      {isFull && (
        <>
          <td>{evaluation === null ? '–' : count(evaluation.metrics.tokens)}</td>
          <td>{evaluation === null ? '–' : dateText(evaluation.date)}</td>
        </>
      )}
    </tr>
  );
}

function RowState({ sae, row }: { sae: SaeFacts; row: EvaluationRow | null }) {
  const blocked = useAppState(evaluationBlock);
  const busy = useAppState((state) => state.evaluate.busy);
  const actions = useActions();
  if (row?.state.kind === 'failed') {
    const { what, wayOut } = row.state.problem;
    return (
      <div className={styles.state}>
        <p className={inputStyles.fieldError}>
          Failed: {sentence(what)} {wayOut}
        </p>
        <button
          type="button"
          className={controlStyles.button}
          disabled={busy || blocked !== null}
          aria-label={`Retry ${saeName(sae)}`}
          onClick={() => void actions.evaluate.startOne(sae.saeId)}
        >
          Retry
        </button>
      </div>
    );
  }
  const words = stateWords(row);
  return words === null ? null : (
    <p className={classNames(styles.state, wordStyles.muted, wordStyles.small)}>{words}</p>
  );
}

/** What a row says of itself; null: nothing to say. A failed one has its own words. */
function stateWords(row: EvaluationRow | null): string | null {
  if (row?.state.kind === 'running') return 'measuring…';
  if (row?.state.kind === 'queued') return 'waits';
  return row?.evaluation?.isComplete === false ? 'partial: ended early' : null;
}

function ReportButtons({ hasAny }: { hasAny: boolean }) {
  const actions = useActions();
  if (!hasAny) return null;
  const save = (kind: 'json' | 'text') => {
    const report = actions.evaluate.report(new Date().toISOString());
    if (report === null) return;
    const blob =
      kind === 'json'
        ? new Blob([report.json], { type: 'application/json' })
        : new Blob([report.text], { type: 'text/markdown' });
    saveBlob(blob, kind === 'json' ? 'evaluation.json' : 'evaluation.md');
  };
  return (
    <>
      <button type="button" className={controlStyles.button} onClick={() => save('text')}>
        <Icon name="download" />
        Report, one page
      </button>
      <button type="button" className={controlStyles.button} onClick={() => save('json')}>
        <Icon name="download" />
        JSON
      </button>
    </>
  );
}

export function dateText(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}
