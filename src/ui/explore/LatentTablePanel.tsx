// The table of latents with its search and chips, or why there is none yet.
import type { Liveness } from '../../store/facts';
import { livenessCounts, visibleRows } from '../../store/latentOrder';
import { selectedSae } from '../../store/selectors';
import { useMemo } from 'react';
import { count } from '../numberText';
import { ProblemNote } from '../parts/Messages';
import { Segmented } from '../parts/Segmented';
import { useActions, useFacts } from '../storeContext';
import { GuessTools } from './GuessTools';
import { LatentTable } from './LatentTable';
import { StatisticsPanel } from './StatisticsPanel';

export function LatentTablePanel() {
  const sae = useFacts(selectedSae);
  const rows = useFacts((facts) => facts.explore.rows);
  const { loadRows } = useActions();
  if (sae === null) return null;
  return (
    <section className="panel" aria-label="Features">
      <StatisticsPanel sae={sae} />
      {rows.status === 'loading' && <TableSkeleton />}
      {rows.status === 'failed' && (
        <ProblemNote problem={rows.problem}>
          <button type="button" className="button" onClick={() => void loadRows()}>
            Retry
          </button>
        </ProblemNote>
      )}
      {rows.status === 'ready' && <FilteredTable />}
    </section>
  );
}

function FilteredTable() {
  const rows = useFacts((facts) => visibleRows(facts.explore));
  return (
    <>
      <TableTools shown={rows.length} />
      <GuessTools />
      {rows.length > 0 ? <LatentTable rows={rows} /> : <NoMatch />}
    </>
  );
}

function TableTools({ shown }: { shown: number }) {
  const rows = useFacts((facts) => facts.explore.rows);
  const search = useFacts((facts) => facts.explore.search);
  const liveness = useFacts((facts) => facts.explore.liveness);
  const { setSearch, setLiveness } = useActions();
  const counts = useMemo(() => livenessCounts(rows.status === 'ready' ? rows.value : []), [rows]);
  const options: { value: Liveness; label: string }[] = [
    { value: 'all', label: `All ${count(counts.all)}` },
    { value: 'live', label: `Live ${count(counts.live)}` },
    { value: 'dead', label: `Dead ${count(counts.dead)}` },
  ];
  return (
    <div className="table-tools">
      <input
        className="input"
        type="search"
        placeholder="Index, token or guess"
        aria-label="Search features by index, token or guessed label"
        data-shortcut="search"
        value={search}
        onChange={(event) => setSearch(event.target.value)}
      />
      <Segmented label="Which features" value={liveness} options={options} onChange={setLiveness} />
      <span className="visually-hidden" aria-live="polite">
        {count(shown)} features shown
      </span>
    </div>
  );
}

function NoMatch() {
  const { setSearch, setLiveness } = useActions();
  return (
    <div className="empty">
      <strong>No feature matches</strong>
      <button
        type="button"
        className="button"
        onClick={() => {
          setSearch('');
          setLiveness('all');
        }}
      >
        Clear search
      </button>
    </div>
  );
}

function TableSkeleton() {
  return (
    <div className="stack" role="status" aria-label="Loading features">
      {Array.from({ length: 8 }, (_, i) => (
        <div key={i} className="skeleton" />
      ))}
    </div>
  );
}
