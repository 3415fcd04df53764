// The Evaluate screen: which SAEs and how long, a row for each, the Pareto plot, one SAE in full.
import { ScreenHead } from '../parts/ScreenHead';
import { useFacts } from '../storeContext';
import { EvaluateForm } from './EvaluateForm';
import { EvaluationDetail } from './EvaluationDetail';
import { EvaluationTable } from './EvaluationTable';
import { ParetoPanel } from './ParetoPanel';

export function EvaluateScreen() {
  const isListed = useFacts(({ saes, evaluate }) => saes.list !== null && evaluate.rows !== null);
  return (
    <>
      <ScreenHead
        name="Evaluate"
        purpose="How well SAEs stand in for the activations they read, on text that training never saw."
      />
      {isListed ? <Listed /> : <Skeleton />}
    </>
  );
}

function Listed() {
  const isEmpty = useFacts((facts) => facts.saes.list?.length === 0);
  return (
    <>
      <div className="split split-4-8">
        <EvaluateForm />
        <ParetoPanel />
      </div>
      {isEmpty ? (
        <section className="panel empty" aria-label="Results">
          <strong>No SAE here yet</strong>
          <p>Train one on Train, or import the files of one on Explore.</p>
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
    <div className="panel" role="status" aria-label="Listing evaluations">
      <div className="skeleton" style={{ width: '40%' }} />
      <div className="skeleton" />
    </div>
  );
}
