// Texts with steering: makes each one's editor, and lets its slots' values be changed while it runs. The text itself
// is the generation host's business.
import { checkSteering } from '../../core/steer/steering';
import type { TextEditor } from '../generate/textEdits';
import type { GenerationHost } from '../generate/generation';
import type { EngineHosts } from '../hosts';
import type { SteeredRequest } from './api';
import { makeSlotValues, type SlotValues } from './slotValues';
import type { VectorHost } from './vectorHost';

type Hosts = Pick<EngineHosts, 'device' | 'modelHost' | 'library'> & {
  vectors: Pick<VectorHost, 'get'>;
  generation: Pick<GenerationHost, 'generate'>;
};

export type SteeredTexts = {
  generate: (generationId: number, request: SteeredRequest) => Promise<void>;
  /** Of the text that runs; read once per token. */
  setSlotValue: (slotId: string, value: number | null) => void;
};

export function createSteeredTexts(hosts: Hosts): SteeredTexts {
  let current: SlotValues | null = null;
  return {
    setSlotValue: (slotId, value) => current?.set(slotId, value),
    async generate(generationId, request) {
      const values = makeSlotValues(request.steer);
      current = values;
      try {
        await hosts.generation.generate(generationId, request, makeEditor(hosts, request, values));
      } finally {
        if (current === values) current = null;
      }
    },
  };
}

function makeEditor(hosts: Hosts, { steer }: SteeredRequest, values: SlotValues): TextEditor {
  const lanes =
    steer.lanes === 'both' ? (['baseline', 'steered'] as const) : (['steered'] as const);
  return {
    lanes,
    check: () => checkSteering(steer),
    prepare: async (o) =>
      (await import('./preparedSteering')).prepareSteering(hosts, steer, { lanes, ...o }),
    valuesAt: values.next,
    automation: values.log,
  };
}
