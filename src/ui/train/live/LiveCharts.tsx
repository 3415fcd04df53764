// Four metrics of a run over one shared step axis, with one cursor for all.
import { useCallback, useMemo, useState } from 'react';
import {
  lineChart,
  movingAverage,
  stepScale,
  type LineChartData,
  type LinePoint,
} from '../../../charts/lineChart';
import type { SaeConfig } from '../../../core/sae/sae';
import type { RunFacts, TrainPoint } from '../../../engine/train/api';
import { count, measure, percent } from '../../parts/text/numberText';
import { ChartFigure, type DataTable } from '../../parts/ChartFigure';
import type { GlossaryTerm } from '../../parts/text/glossary';
import { useAppState } from '../../storeContext';
import figureStyles from '../../parts/look/figure.module.css';
import wordStyles from '../../parts/look/words.module.css';
import styles from './LiveCharts.module.css';

type Metric = {
  name: string;
  term: GlossaryTerm;
  of: (point: TrainPoint) => number;
  write: (value: number) => string;
  /** of which tokens it is */
  over?: (config: SaeConfig) => string;
};

const METRICS: readonly Metric[] = [
  { name: 'Loss', term: 'Loss', of: (point) => point.loss, write: measure },
  {
    name: 'Explained variance',
    term: 'Explained variance',
    of: (point) => point.explainedVariance,
    write: measure,
  },
  { name: 'L0', term: 'L0', of: (point) => point.l0, write: measure },
  {
    name: 'Dead features, %',
    term: 'Dead feature',
    over: ({ deadAfterTokens }) => `silent for ${measure(deadAfterTokens)} tokens`,
    of: (point) => 100 * point.deadFraction,
    write: (value) => percent(value / 100),
  },
];

const NO_POINTS: TrainPoint[] = [];
/** Share of a run that its moving average looks back on, and the most and least that one step counts. */
const LOOK_BACK = 1 / 20;
const LEAST_SHARE = 0.02;
const MOST_SHARE = 0.5;
const HEIGHT = 168;
/** Rows in "Show data": every n-th step is enough to read. */
const TABLE_ROWS = 200;

export function LiveCharts({ run }: { run: RunFacts }) {
  const points = useAppState((state) => state.train.points[run.runId]) ?? NO_POINTS;
  const [hoverStep, setHoverStep] = useState<number | null>(null);
  const lastStep = points.at(-1)?.step ?? 0;
  const weight = averageWeight(run.totalSteps);
  const stepDomain = useMemo(() => [0, Math.max(10, lastStep)] as const, [lastStep]);
  if (points.length === 0) return null;
  return (
    <div className={styles.grid}>
      {METRICS.map((metric) => (
        <MetricChart
          key={metric.name}
          metric={metric}
          title={
            metric.over === undefined ? metric.name : `${metric.name}: ${metric.over(run.config)}`
          }
          points={points}
          weight={weight}
          stepDomain={stepDomain}
          hoverStep={hoverStep}
          onHover={setHoverStep}
        />
      ))}
    </div>
  );
}

/** 0.98 for a long run; a short one would else end before its average had arrived. */
function averageWeight(totalSteps: number): number {
  const share = 1 / (LOOK_BACK * Math.max(1, totalSteps));
  return 1 - Math.min(MOST_SHARE, Math.max(LEAST_SHARE, share));
}

type MetricChartProps = {
  metric: Metric;
  title: string;
  points: readonly TrainPoint[];
  /** of the moving average */
  weight: number;
  stepDomain: readonly [number, number];
  hoverStep: number | null;
  onHover: (step: number | null) => void;
};

function MetricChart(props: MetricChartProps) {
  const { metric, title, points, weight, stepDomain, hoverStep, onHover } = props;
  const data = useMemo((): LineChartData => {
    const line = points
      .map((point): LinePoint => ({ step: point.step, value: metric.of(point) }))
      .filter(({ value }) => Number.isFinite(value));
    return { name: metric.name, points: line, stepDomain, weight };
  }, [metric, points, stepDomain, weight]);
  const average = useMemo(() => movingAverage(data.points, weight), [data, weight]);
  const draw = useCallback(
    (size: { width: number; height: number }, document: Document) =>
      lineChart(data, size, document),
    [data],
  );
  const shown = pointAt(average, hoverStep);
  return (
    <ChartFigure
      title={title}
      term={metric.term}
      value={
        <span className={styles.value}>
          {shown === undefined ? '' : valueText(metric, shown, hoverStep !== null)}
        </span>
      }
      height={HEIGHT}
      draw={draw}
      table={() => tableOf(metric, data.points, average)}
      overlay={(width) =>
        hoverStep === null ? null : (
          <div
            className={figureStyles.cursor}
            style={{ left: stepScale(stepDomain, width)(hoverStep) }}
          />
        )
      }
      onPoint={(x, width) => onHover(x === null ? null : stepAt(stepDomain, width, x))}
    />
  );
}

/** The bold line's own value. */
function valueText(metric: Metric, point: LinePoint, hovered: boolean) {
  return (
    <>
      {hovered && <span className={wordStyles.muted}>step {count(point.step)} </span>}
      <strong>{metric.write(point.value)}</strong>
    </>
  );
}

function stepAt(domain: readonly [number, number], width: number, x: number): number {
  const step = stepScale(domain, width).invert(x);
  return Math.round(Math.max(domain[0], Math.min(domain[1], step)));
}

/** The last point at or before a step; without a step the newest. Steps ascend. */
function pointAt(points: readonly LinePoint[], step: number | null): LinePoint | undefined {
  if (step === null) return points.at(-1);
  return points.findLast((point) => point.step <= step) ?? points[0];
}

function tableOf(
  metric: Metric,
  points: readonly LinePoint[],
  average: readonly LinePoint[],
): DataTable {
  const stride = Math.ceil(points.length / TABLE_ROWS);
  const rows = points.flatMap(({ step, value }, i) => {
    const isKept = i % stride === 0 || i === points.length - 1;
    return isKept
      ? [[count(step), metric.write(value), metric.write(average[i]?.value ?? NaN)]]
      : [];
  });
  return { columns: ['step', metric.name, 'average'], rows };
}
