// Attribution graphs for a program: its words for what is to be explained, and how far the work is.
import type { GraphOptions } from '../../core/circuits/buildGraph';
import { ConfigError } from '../../core/errors';
import { valueOf, type Session } from '../session';
import type { JobId } from '../shared/api';
import type { Circuit, CircuitRequest } from './api';

/** What is explained, from the words of one who asks. Throws ConfigError for a text of several tokens. */
export async function targetOf(
  session: Session,
  token: string | null,
  against: string | null,
): Promise<GraphOptions['target']> {
  if (token === null) {
    if (against === null) return { kind: 'likeliest' };
    throw new ConfigError('against: it needs a target that it is compared with', 'against');
  }
  const tokenId = await tokenOf(session, token, 'target');
  if (against === null) return { kind: 'token', tokenId };
  return { kind: 'difference', tokenId, against: await tokenOf(session, against, 'against') };
}

async function tokenOf({ engine }: Session, text: string, field: string): Promise<number> {
  const tokens = await engine.model.tokenize(text);
  const [first] = tokens;
  if (first !== undefined && tokens.length === 1) return first.tokenId;
  const parts = tokens.map((token) => JSON.stringify(token.text)).join(', ');
  throw new ConfigError(
    `${field}: ${JSON.stringify(text)} must be one token; it is ${tokens.length === 0 ? 'empty' : parts}. Most words have a space before them.`,
    field,
  );
}

/** Traces, and tells how far it is. */
export async function traceIn(
  { engine, listen }: Session,
  o: {
    request: CircuitRequest;
    jobId: JobId;
    onProgress: (phase: string, done: number, total: number) => void;
  },
): Promise<Circuit> {
  const unlisten = listen((event) => {
    if (event.kind !== 'progress' || event.jobId !== o.jobId || event.progress === null) return;
    const { phase, done, total } = event.progress;
    if (total !== null) o.onProgress(phase, done, total);
  });
  try {
    return valueOf(await engine.circuits.trace(o.request, o.jobId));
  } finally {
    unlisten();
  }
}
