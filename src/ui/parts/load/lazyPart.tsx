// A component in a chunk of its own, loaded when it is first shown. A chunk that does not arrive leaves the rest of the
// page as it is, and Retry asks for it again.
import { lazy, Suspense, useState, type ComponentType, type ReactNode } from 'react';
import { Boundary } from './Boundary';

/** what: as Boundary's. waiting: what stands there while it loads. */
export function lazyPart<P extends object>(
  what: string,
  load: () => Promise<ComponentType<P>>,
  waiting: ReactNode = null,
): ComponentType<P> {
  const begin = () => lazy(async () => ({ default: await load() }));
  // React keeps a failed load for good; another attempt needs another component. Kept out of the state, so that a part
  // that has loaded is there at once when it is shown again.
  let latest = begin();
  return function LazyPart(props: P) {
    const [Part, setPart] = useState(() => latest);
    const again = () => {
      latest = begin();
      setPart(() => latest);
    };
    return (
      <Boundary what={what} onRetry={again}>
        <Suspense fallback={waiting}>
          <Part {...props} />
        </Suspense>
      </Boundary>
    );
  };
}
