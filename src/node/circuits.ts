// Attribution graphs from folders of transcoders: what the command line and the library do alike.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GraphOptions } from '../core/circuits/buildGraph';
import { ConfigError } from '../core/errors';
import { isTranscoderPoint } from '../core/activations/hookPoint';
import type { Circuit, CircuitRequest } from '../engine/circuits/api';
import type { ModelFacts } from '../engine/model/api';
import type { SaeFacts } from '../engine/sae/api';
import type { JobId } from '../engine/shared/api';
import { formatCircuitTracer } from '../formats/sae/circuitTracer';
import { checkFits, openSaeFolder, saeFoldersIn } from './saeFolder';
import { valueOf, type Session } from './session';

/** The transcoders of a folder; other SAEs in it are passed over. Throws ConfigError where there is none, or one of
 *  another model. */
export async function openTranscoders(
  session: Session,
  model: ModelFacts,
  folder: string,
): Promise<SaeFacts[]> {
  const found: SaeFacts[] = [];
  for (const path of await saeFoldersIn(folder)) {
    const sae = await openSaeFolder(session, path);
    if (!isTranscoderPoint(sae.hookPoint)) continue;
    checkFits(sae, model, path);
    found.push(sae);
  }
  if (found.length > 0) return found;
  throw new ConfigError(
    `transcoders: ${folder} has SAEs, but none of them is a transcoder; train them with --activation transcoder`,
    'transcoders',
  );
}

/** Writes transcoders, one of each block in their order, as circuit-tracer reads a set. Throws ConfigError where it has no
 *  such set. */
export async function writeTranscoderSet(
  { hosts }: Session,
  { saeIds, modelId }: Pick<Circuit, 'saeIds' | 'modelId'>,
  folder: string,
): Promise<string[]> {
  const params = await Promise.all(saeIds.map((saeId) => hosts.library.params(saeId)));
  const files = formatCircuitTracer(params, modelId);
  await mkdir(folder, { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
  return [...files.keys()];
}

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
