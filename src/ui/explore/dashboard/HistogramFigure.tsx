// How strongly a latent fires, with a marker at the token under the pointer.
import { statisticsUnit } from '../../../store/sae/saeSelectors';
import { useAppState } from '../../storeContext';
import { useCallback, useMemo } from 'react';
import { counted } from '../../../core/text/counted';
import {
  activationHistogram,
  filledBins,
  histogramX,
  type HistogramData,
} from '../../../charts/activationHistogram';
import type { LatentDashboard } from '../../../engine/statistics/api';
import { count, measure } from '../../parts/text/numberText';
import { ChartFigure } from '../../parts/ChartFigure';
import { classNames } from '../../parts/look/classNames';
import wordStyles from '../../parts/look/words.module.css';
import styles from './HistogramFigure.module.css';

type HistogramFigureProps = {
  dashboard: LatentDashboard;
  /** activation under the pointer */
  marked: number | null;
};

export function HistogramFigure({ dashboard, marked }: HistogramFigureProps) {
  const { histogram, row } = dashboard;
  const unit = useAppState(statisticsUnit);
  const data = useMemo<HistogramData>(
    () => ({ ...histogram, maxAct: row.maxAct }),
    [histogram, row.maxAct],
  );
  const draw = useCallback(
    (size: { width: number; height: number }, document: Document) =>
      activationHistogram(data, size, document),
    [data],
  );
  return (
    <ChartFigure
      title="Activations when firing, log counts"
      value={
        <span className={classNames(wordStyles.muted, wordStyles.small)}>
          {counted(row.fireCount, unit)}
        </span>
      }
      height={196}
      draw={draw}
      overlay={(width) =>
        marked !== null && (
          <div className={styles.marker} style={{ left: histogramX(data, width)(marked) }}>
            {measure(marked)}
          </div>
        )
      }
      table={() => ({
        columns: ['from', 'to', `${unit}s`],
        rows: filledBins(data).map((bin) => [measure(bin.from), measure(bin.to), count(bin.count)]),
      })}
    />
  );
}
