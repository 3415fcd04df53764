// Which latents a text wakes: the open model reads it once, every asked SAE encodes its own hook point. Keeps
// the last encoders, so that a text being typed costs no upload per key. It knows no table and no test box.
import { activePerToken, rankTextLatents, type ActiveLatent } from '../../core/explore/activeText';
import { elementAt } from '../../core/elementAt';
import { ConfigError, invariant } from '../../core/errors';
import type { SaeParams } from '../../core/sae/sae';
import type { GpuContext } from '../../gpu/device/device';
import { createSaeEncoder, type SaeEncoder } from '../../gpu/sae/saeEncoder';
import type { ActiveText, ActiveTextRequest } from './api';
import { viewToken } from '../generate/generationRequest';
import type { EngineHosts } from '../hosts';
import { CancelledError } from '../problems';
import { checkSaeFits } from '../sae/saeFit';

/** Tokens of a text that are read (interface.md 2.3); the rest is left out and counted. */
const MAX_TEXT_TOKENS = 2000;
/** Encoders whose weights stay on the device. */
const KEPT_ENCODERS = 2;

export type ActiveLatentsHost = {
  find: (request: ActiveTextRequest) => Promise<ActiveText>;
  /** Ends the search of that purpose, at its next forward pass. */
  cancel: (purpose: string) => void;
  /** The SAE is gone. */
  forget: (saeId: string) => void;
};

type Job = { isCancelled: boolean };

export function createActiveLatentsHost(o: EngineHosts): ActiveLatentsHost {
  const { modelHost, library } = o;
  const encoders = createEncoderCache();
  const jobs = new Map<string, Job>();
  let tail: Promise<unknown> = Promise.resolve();

  const find = async ({ saeIds, text, purpose }: ActiveTextRequest, job: Job) => {
    refuseIfCancelled(job);
    const { tokenizer, facts: model } = modelHost.current();
    const saes = await Promise.all(saeIds.map((saeId) => library.get(saeId)));
    for (const sae of saes) checkSaeFits(sae, model);
    const ids = tokenizer.encodeOrdinary(text);
    const read = ids.slice(0, MAX_TEXT_TOKENS);
    const perSae = saes.map((): ActiveLatent[][] => []);
    const lead = tokenizer.specialTokenId('<|bos|>');
    const runtime = await modelHost.runtime();
    const context = await o.device.acquire();
    const hooks = [...new Set(saes.map((sae) => sae.hookPoint))];
    // Every sequence begins with <|bos|>, as in the statistics; it is read, not counted.
    const room = model.sequence_len - 1;
    try {
      for (let first = 0; first < read.length; first += room) {
        refuseIfCancelled(job);
        const part = read.slice(first, first + room);
        const capture = await runtime.capture(Int32Array.from([lead, ...part]), 1, hooks);
        try {
          const rows = Uint32Array.from(part, (_, i) => i + 1);
          for (const [i, sae] of saes.entries()) {
            const encoder = await encoders.get(context, sae.saeId, () => library.params(sae.saeId));
            const matrix = capture.hooks.get(sae.hookPoint);
            invariant(matrix !== undefined, `${sae.hookPoint} was not captured`);
            elementAt(perSae, i).push(...activePerToken(await encoder.encode(matrix, rows)));
          }
        } finally {
          capture.release();
        }
        tell(purpose, Math.min(read.length, first + room), read.length);
        await o.parts.breathe();
      }
    } finally {
      encoders.trim();
    }
    refuseIfCancelled(job);
    return {
      tokens: read.map((tokenId) => viewToken(tokenizer, tokenId)),
      leftOut: ids.length - read.length,
      saes: saes.map((sae, i) => ({
        saeId: sae.saeId,
        tokens: elementAt(perSae, i),
        latents: rankTextLatents(elementAt(perSae, i)),
      })),
    };
  };

  const tell = (purpose: string, done: number, total: number) => {
    if (purpose !== 'search') return;
    const progress = { job: 'text', phase: 'Reading the text', done, total } as const;
    o.emit({ kind: 'progress', job: 'text', progress: { ...progress, unit: 'tokens' } });
  };

  return {
    find(request) {
      checkRequest(request);
      // The newest text of a purpose is the one that is wanted.
      const before = jobs.get(request.purpose);
      if (before !== undefined) before.isCancelled = true;
      const job: Job = { isCancelled: false };
      jobs.set(request.purpose, job);
      const work = tail.then(() => o.turns.foreground(() => find(request, job)));
      tail = work.catch(() => undefined);
      return work.finally(() => {
        if (request.purpose === 'search') o.emit({ kind: 'progress', job: 'text', progress: null });
      });
    },
    cancel(purpose) {
      const job = jobs.get(purpose);
      if (job !== undefined) job.isCancelled = true;
    },
    forget: encoders.forget,
  };
}

function refuseIfCancelled(job: Job): void {
  if (job.isCancelled) throw new CancelledError('The search by text was cancelled.');
}

function checkRequest({ saeIds, text }: ActiveTextRequest): void {
  if (saeIds.length === 0) throw new ConfigError('Choose an SAE first.', 'sae');
  if (text.trim() === '') throw new ConfigError('text is empty: type a few words first.', 'text');
}

type Kept = { saeId: string; context: GpuContext; encoder: SaeEncoder };

/** The most recently used last. One caller at a time. */
function createEncoderCache() {
  let kept: Kept[] = [];
  const drop = (goes: (entry: Kept) => boolean) => {
    const gone = kept.filter(goes);
    kept = kept.filter((entry) => !goes(entry));
    for (const { encoder } of gone) encoder.dispose();
  };
  return {
    async get(
      context: GpuContext,
      saeId: string,
      load: () => Promise<SaeParams>,
    ): Promise<SaeEncoder> {
      // Buffers of a lost device are of no use.
      drop((entry) => entry.context !== context);
      const known = kept.find((entry) => entry.saeId === saeId);
      if (known !== undefined) {
        kept = [...kept.filter((entry) => entry !== known), known];
        return known.encoder;
      }
      const encoder = await createSaeEncoder(context, await load(), { weights: 'compact' });
      kept.push({ saeId, context, encoder });
      return encoder;
    },
    trim: () => {
      const over = kept.slice(0, Math.max(0, kept.length - KEPT_ENCODERS));
      drop((entry) => over.includes(entry));
    },
    forget: (saeId: string) => drop((entry) => entry.saeId === saeId),
  };
}
