// The demo model, its text and what computes SAEs, headless: what activations are dumped from and SAEs are spliced
// into. Opened when first needed.
import { createCorpusHost, type CorpusHost } from '../../src/engine/text/corpusHost';
import type { SaeBackend } from '../../src/core/train/saeBackend';
import type { ModelRuntime } from '../../src/model/modelTypes';
import type { Tokenizer } from '../../src/model/tokenizer';
import { makeModelHosts } from '../../tests/helpers/model/modelHosts';
import { makeNodeParts } from '../../tests/helpers/engine/nodeParts';
import { memoRuntime } from './memoRuntime';

export type OpenedModel = {
  backend: SaeBackend;
  runtime: ModelRuntime;
  /** for evaluating one SAE after the other on the same text */
  repeating: ModelRuntime;
  corpusHost: CorpusHost;
  tokenizer: Tokenizer;
};

/** Opens each once, when first asked: training needs no model. */
export type Openers = {
  backend: () => Promise<SaeBackend>;
  model: () => Promise<OpenedModel>;
};

export function makeOpeners(): Openers {
  const hosts = makeModelHosts(makeNodeParts());
  let opened: Promise<OpenedModel> | null = null;
  return {
    backend: () => hosts.device.sae(),
    model: () => (opened ??= openModel(hosts)),
  };
}

async function openModel(hosts: ReturnType<typeof makeModelHosts>): Promise<OpenedModel> {
  const { parts, device, modelHost, jobs, emit } = hosts;
  const { tokenizer } = await modelHost.open({ kind: 'demo' });
  const backend = await device.sae();
  const runtime = await modelHost.runtime();
  return {
    backend,
    tokenizer,
    corpusHost: createCorpusHost({ parts, jobs, emit }),
    runtime,
    repeating: memoRuntime(runtime),
  };
}
