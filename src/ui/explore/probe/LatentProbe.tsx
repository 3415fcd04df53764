// Questions about the open feature beyond its statistics. Loaded with the first dashboard.
import type { LatentDashboard } from '../../../engine/statistics/api';
import { LoadingLine } from '../../parts/load/LoadingLine';
import { lazyPart } from '../../parts/load/lazyPart';

const TestBox = lazyPart(
  'The box for your own text',
  async () => (await import('./TestBox')).TestBox,
  <LoadingLine />,
);

export function LatentProbe({ dashboard }: { dashboard: LatentDashboard }) {
  return <TestBox maxAct={dashboard.row.maxAct} />;
}
