// The Evaluate screen: which SAEs and how many tokens, a row for each, the Pareto plot, one SAE in full.
import { Term } from '../parts/text/Term';
import { ScreenHead } from '../parts/ScreenHead';
import { useAppState } from '../storeContext';
import { EvaluateForm } from './EvaluateForm';
import { EvaluationDetail } from './EvaluationDetail';
import { EvaluationTable } from './EvaluationTable';
import { ParetoPanel } from './ParetoPanel';
import { classNames } from '../parts/look/classNames';
import layoutStyles from '../parts/look/layout.module.css';

export function EvaluateScreen() {
  const isListed = useAppState(({ sae, evaluate }) => sae.list !== null && evaluate.rows !== null);
  return (
    <>
      <ScreenHead
        name="Evaluate"
        purpose={
          <>
            How much survives when an <Term of="SAE" /> stands in for the numbers it takes apart, on
            what training never saw.
          </>
        }
      />
      {isListed ? <Listed /> : <Skeleton />}
    </>
  );
}

function Listed() {
  const isEmpty = useAppState((state) => state.sae.list?.length === 0);
  return (
    <>
      <div className={classNames(layoutStyles.split, layoutStyles.split4to8)}>
        <EvaluateForm />
        <ParetoPanel />
      </div>
      {isEmpty ? (
        <section
          className={classNames(layoutStyles.panel, layoutStyles.empty)}
          aria-label="Results"
        >
          <strong>No SAE here yet</strong>
          <p>Train one on Train, or import the files of one in Library.</p>
        </section>
      ) : (
        <>
          <EvaluationTable />
          <EvaluationDetail />
        </>
      )}
    </>
  );
}

function Skeleton() {
  return (
    <div className={layoutStyles.panel} role="status" aria-label="Listing evaluations">
      <div className={layoutStyles.skeleton} style={{ width: '40%' }} />
      <div className={layoutStyles.skeleton} />
    </div>
  );
}
