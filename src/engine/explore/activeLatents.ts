// Which latents fire on a text: the open model reads it once, and every given SAE encodes its own hook
// point. Keeps the last encoders, so that typing does not upload weights on every key. It knows no table
// and no test box.
import { countedUnit } from '../activations/activationFeed';
import { activePerToken, rankTextLatents, type ActiveLatent } from '../../core/explore/activeText';
import { elementAt } from '../../core/elementAt';
import { ConfigError, invariant } from '../../core/errors';
import type { SaeParams } from '../../core/sae/sae';
import type { SaeEncoder } from '../../core/sae/saeEncoder';
import type { SaeBackend } from '../../core/train/saeBackend';
import type { ActiveText, ActiveTextRequest } from './api';
import { viewToken } from '../model/tokenView';
import type { EngineHosts } from '../hosts';
import { makeJobSlot, type Job, type JobSlot } from '../jobs';
import type { JobId } from '../shared/api';
import { checkSaeFits } from '../sae/saeFit';

/** Tokens of a text that are read (interface.md 2.3); the rest is left out and counted. */
const MAX_TEXT_TOKENS = 2000;
/** Most encoders whose weights stay on the device. */
const KEPT_ENCODERS = 2;

export type ActiveLatentsHost = {
  find: (request: ActiveTextRequest, jobId?: JobId) => Promise<ActiveText>;
};

export function createActiveLatentsHost(o: EngineHosts): ActiveLatentsHost {
  const { modelHost, library } = o;
  const encoders = createEncoderCache();
  library.onDeleted(({ saeId }) => {
    encoders.forget(saeId);
  });
  /** The newest text of a purpose is the one that is wanted. */
  const slots = new Map<string, JobSlot>();
  let tail: Promise<unknown> = Promise.resolve();

  const find = async ({ saeIds, text, purpose }: ActiveTextRequest, job: Job) => {
    job.signal.throwIfAborted();
    const { tokenizer, facts: model } = modelHost.current();
    const saes = await Promise.all(saeIds.map((saeId) => library.get(saeId)));
    for (const sae of saes) checkSaeFits(sae, model);
    const ids = tokenizer.encodeOrdinary(text);
    const read = ids.slice(0, MAX_TEXT_TOKENS);
    const perSae = saes.map((): ActiveLatent[][] => []);
    const lead = tokenizer.specialTokenId('<|bos|>');
    const runtime = await modelHost.runtime();
    const backend = await o.device.sae();
    const hooks = [...new Set(saes.map((sae) => sae.hookPoint))];
    // Every sequence begins with <|bos|>, as in the statistics; it is read, not counted.
    const room = model.sequence_len - 1;
    try {
      for (let first = 0; first < read.length; first += room) {
        job.signal.throwIfAborted();
        const part = read.slice(first, first + room);
        const capture = await runtime.capture(Int32Array.from([lead, ...part]), 1, hooks);
        try {
          const rows = Uint32Array.from(part, (_, i) => i + 1);
          for (const [i, sae] of saes.entries()) {
            const encoder = await encoders.get(backend, sae.saeId, () => library.params(sae.saeId));
            const matrix = capture.hooks.get(sae.hookPoint);
            invariant(matrix !== undefined, `${sae.hookPoint} was not captured`);
            elementAt(perSae, i).push(...activePerToken(await encoder.encode(matrix, rows)));
          }
        } finally {
          capture.release();
        }
        if (purpose === 'search') {
          const unit = countedUnit(runtime);
          job.tell('Reading the text', Math.min(read.length, first + room), read.length, unit);
        }
        await o.parts.breathe();
      }
    } finally {
      encoders.trim();
    }
    job.signal.throwIfAborted();
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

  const slotOf = (purpose: string) => {
    const known =
      slots.get(purpose) ??
      makeJobSlot(o, { kind: 'text', cancelled: 'The search by text was cancelled.' });
    slots.set(purpose, known);
    return known;
  };

  return {
    find(request, jobId) {
      checkRequest(request);
      return slotOf(request.purpose).run(jobId, (job) => {
        const work = tail.then(() => o.turns.foreground(() => find(request, job)));
        tail = work.catch(() => undefined);
        return work;
      });
    },
  };
}

function checkRequest({ saeIds, text }: ActiveTextRequest): void {
  if (saeIds.length === 0) throw new ConfigError('Choose an SAE first.', 'sae');
  if (text.trim() === '') throw new ConfigError('text is empty: type a few words first.', 'text');
}

type Kept = { saeId: string; backend: SaeBackend; encoder: SaeEncoder };

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
      backend: SaeBackend,
      saeId: string,
      load: () => Promise<SaeParams>,
    ): Promise<SaeEncoder> {
      // Buffers of a lost device are unusable.
      drop((entry) => entry.backend !== backend);
      const known = kept.find((entry) => entry.saeId === saeId);
      if (known !== undefined) {
        kept = [...kept.filter((entry) => entry !== known), known];
        return known.encoder;
      }
      const encoder = await backend.createEncoder(await load(), { weights: 'compact' });
      kept.push({ saeId, backend, encoder });
      return encoder;
    },
    trim: () => {
      const over = kept.slice(0, Math.max(0, kept.length - KEPT_ENCODERS));
      drop((entry) => over.includes(entry));
    },
    forget: (saeId: string) => drop((entry) => entry.saeId === saeId),
  };
}
