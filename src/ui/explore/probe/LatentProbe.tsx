// Questions about the open feature beyond its statistics. Loaded with the first dashboard.
import { lazy, Suspense } from 'react';
import type { LatentDashboard } from '../../../engine/statistics/api';
import { classNames } from '../../parts/look/classNames';
import wordStyles from '../../parts/look/words.module.css';

const TestBox = lazy(async () => ({ default: (await import('./TestBox')).TestBox }));

export function LatentProbe({ dashboard }: { dashboard: LatentDashboard }) {
  return (
    <Suspense fallback={<p className={classNames(wordStyles.muted, wordStyles.small)}>Loading…</p>}>
      <TestBox maxAct={dashboard.row.maxAct} />
    </Suspense>
  );
}
