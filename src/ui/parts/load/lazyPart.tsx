// A component in a chunk of its own, loaded when it is first shown, or ahead of that. A chunk that does not arrive leaves the rest of the
// page as it is, and Retry asks for it again.
import { lazy, Suspense, useState, type ComponentType, type ReactNode } from 'react';
import { Boundary } from './Boundary';

const ahead: (() => Promise<unknown>)[] = [];

/** Loads what was declared so far. What does not arrive is asked for again when it is shown. */
export async function loadAhead(): Promise<void> {
  await Promise.all(ahead.map((load) => load().catch(() => undefined)));
}

/** what: as Boundary's. waiting: what stands there while it loads. */
export function lazyPart<P extends object>(
  what: string,
  load: () => Promise<ComponentType<P>>,
  waiting: ReactNode = null,
): ComponentType<P> {
  let loaded: ComponentType<P> | null = null;
  const get = async () => (loaded = await load());
  ahead.push(get);
  const begin = () => lazy(async () => ({ default: await get() }));
  // React keeps a failed load for good; another attempt needs another component. Kept out of the state, so that a part
  // that has loaded is there at once when it is shown again.
  let latest = begin();
  return function LazyPart(props: P) {
    const [Part, setPart] = useState<ComponentType<P>>(() => loaded ?? latest);
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
