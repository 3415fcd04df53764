// The Pareto plot: L0 against a score, the front drawn; a press on a mark opens the SAE on Explore.
import { useCallback, useMemo } from 'react';
import type { SaeEvaluation } from '../../core/evaluate/evaluation';
import { ARCHITECTURE_NAMES, saeName } from '../../core/sae/saeName';
import type { SaeFacts } from '../../engine/sae/api';
import {
  nearestPoint,
  paretoChart,
  paretoGroups,
  paretoMark,
  type ParetoData,
} from '../../charts/paretoChart';
import type { Size } from '../../charts/svg';
import type { ParetoScore } from '../../store/evaluate/evaluateState';
import { hookText } from '../parts/text/hookText';
import { measure } from '../parts/text/numberText';
import { Term } from '../parts/text/Term';
import { ChartFigure } from '../parts/ChartFigure';
import { Segmented } from '../parts/fields/Segmented';
import { useActions, useAppState } from '../storeContext';
import { classNames } from '../parts/look/classNames';
import layoutStyles from '../parts/look/layout.module.css';
import wordStyles from '../parts/look/words.module.css';
import styles from './ParetoPanel.module.css';

const SCORES: readonly { value: ParetoScore; label: string }[] = [
  { value: 'explainedVariance', label: 'Explained variance' },
  { value: 'ceLossRecovered', label: 'CE recovered' },
];
const HEIGHT = 280;

export function ParetoPanel() {
  const saes = useAppState((state) => state.sae.list);
  const rows = useAppState((state) => state.evaluate.rows);
  const score = useAppState((state) => state.evaluate.score);
  const actions = useActions();
  const data = useMemo((): ParetoData => {
    const points = (saes ?? []).flatMap((sae) =>
      pointOf(sae, rows?.[sae.saeId]?.evaluation, score),
    );
    const scoreName = SCORES.find(({ value }) => value === score)?.label ?? '';
    return { scoreName, points };
  }, [saes, rows, score]);
  const draw = useCallback(
    (size: Size, document: Document) => paretoChart(data, size, document),
    [data],
  );
  if (data.points.length === 0) {
    return (
      <section
        className={classNames(layoutStyles.panel, layoutStyles.empty, layoutStyles.hideNarrow)}
        aria-label="Pareto plot"
      >
        <strong>Sparsity against quality</strong>
        <p>The plot appears with the first result.</p>
      </section>
    );
  }
  return (
    <section className={layoutStyles.panel} aria-labelledby="pareto">
      <div className={layoutStyles.panelHead}>
        <h2 id="pareto">Sparsity against quality</h2>
        <Segmented
          label="Score"
          value={score}
          options={SCORES}
          onChange={actions.evaluate.setScore}
        />
      </div>
      <div className={styles.plot}>
        <ChartFigure
          title={`${data.scoreName} by L0`}
          value={
            <span className={classNames(wordStyles.muted, wordStyles.small)}>
              up and left is better; L0 on a log axis
            </span>
          }
          height={HEIGHT}
          draw={draw}
          table={() => ({
            columns: ['SAE', 'type', 'L0', data.scoreName],
            rows: data.points.map((point) => [
              point.name,
              point.group,
              measure(point.l0),
              measure(point.score),
            ]),
          })}
          onPress={(at, size) => {
            const point = nearestPoint(data, size, at);
            if (point !== null) actions.explore.openSae(point.id);
          }}
        />
      </div>
      <Legend groups={paretoGroups(data.points)} hasFront={data.points.length > 1} />
    </section>
  );
}

function pointOf(
  sae: SaeFacts,
  evaluation: SaeEvaluation | null | undefined,
  score: ParetoScore,
): ParetoData['points'] {
  const value = evaluation?.metrics[score] ?? null;
  if (!evaluation || value === null) return [];
  const { l0 } = evaluation.metrics;
  const group = ARCHITECTURE_NAMES[sae.architecture];
  // Those of the demo are told apart by their places.
  const place = sae.origin === 'demo' ? `, ${hookText(sae.hookPoint)}` : '';
  return [{ id: sae.saeId, name: saeName(sae) + place, group, l0, score: value }];
}

function Legend({ groups, hasFront }: { groups: readonly string[]; hasFront: boolean }) {
  return (
    <ul className={styles.legend} aria-label="Types">
      {groups.map((group, i) => {
        const { className, path } = paretoMark(i);
        return (
          <li key={group}>
            <svg className="chart" width="16" height="16" viewBox="-8 -8 16 16" aria-hidden="true">
              <path className={className} d={path} />
            </svg>
            {group}
          </li>
        );
      })}
      {hasFront && (
        <li className={wordStyles.muted}>
          <Term of="Pareto front">on the line</Term>: no other is both sparser and better
        </li>
      )}
    </ul>
  );
}
