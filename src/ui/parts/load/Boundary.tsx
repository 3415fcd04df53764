// Holds an error of what it surrounds: in its place stand what failed, Retry and Reload, and the rest of the page goes
// on. React offers this to classes only.
import { Component, type ReactNode } from 'react';
import { isLoadFailure, LOAD_FAILURE_WAY_OUT } from '../../../core/loadFailure';
import type { Problem } from '../../../engine/shared/api';
import { ProblemNote } from '../Messages';
import controlStyles from '../look/controls.module.css';

type BoundaryProps = {
  /** what stands here, as the beginning of a sentence: "The Train screen" */
  what: string;
  children: ReactNode;
  /** Called before what failed is drawn again: to load it anew. */
  onRetry?: () => void;
};

/** thrown is wrapped, because anything can be thrown, null as well. */
type BoundaryState = { failure: { thrown: unknown } | null };

export class Boundary extends Component<BoundaryProps, BoundaryState> {
  override state: BoundaryState = { failure: null };

  static getDerivedStateFromError(thrown: unknown): BoundaryState {
    return { failure: { thrown } };
  }

  private readonly retry = () => {
    this.props.onRetry?.();
    this.setState({ failure: null });
  };

  override render() {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    return (
      <ProblemNote problem={problemOf(this.props.what, failure.thrown)}>
        <button type="button" className={controlStyles.button} onClick={this.retry}>
          Retry
        </button>
        <button type="button" className={controlStyles.button} onClick={() => location.reload()}>
          Reload the page
        </button>
      </ProblemNote>
    );
  }
}

function problemOf(what: string, thrown: unknown): Problem {
  if (isLoadFailure(thrown)) {
    return {
      kind: 'network',
      what: `${what} did not load.`,
      wayOut: LOAD_FAILURE_WAY_OUT,
      field: null,
    };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    kind: 'bug',
    what: `${what} stopped with an error: ${message}`,
    wayOut:
      'This is a bug in nanoscope. Everything else on the page goes on, and saved work is kept.',
    field: null,
  };
}
