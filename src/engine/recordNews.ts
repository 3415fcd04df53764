// Hears which records of one kind another tab of this browser wrote or deleted. Knows prefixes, not what they mean.
import type { EngineEvent } from './api';
import type { EngineParts } from './parts';
import { toProblem } from './problems';

/** One action writes several facts: they are looked at together, ms. */
const PAUSE = 100;

type Hosts = {
  parts: Pick<EngineParts, 'news' | 'schedule'>;
  emit: (event: EngineEvent) => void;
};

/** names: the records' keys without the prefix, each once. */
export function followRecords(
  { parts, emit }: Hosts,
  { prefix }: { prefix: string },
  read: (names: string[]) => Promise<void> | void,
): void {
  let heard = new Set<string>();
  const look = async () => {
    const names = [...heard];
    heard = new Set();
    await read(names);
  };
  parts.news.onNews((key) => {
    if (!key.startsWith(prefix)) return;
    const isFirst = heard.size === 0;
    heard.add(key.slice(prefix.length));
    if (!isFirst) return;
    parts.schedule(() => {
      look().catch((cause: unknown) => {
        emit({ kind: 'problem', problem: toProblem(cause) });
      });
    }, PAUSE);
  });
}
