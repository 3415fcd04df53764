// The demo model, its text and a GPU device, headless: what activations are dumped from and SAEs are spliced
// into. Opened when first needed.
import { createCorpusHost, type CorpusHost } from '../../src/engine/corpusHost';
import { createDeviceHost } from '../../src/engine/deviceHost';
import { createModelHost } from '../../src/engine/modelHost';
import { createModelShelf } from '../../src/engine/modelShelf';
import type { GpuContext } from '../../src/gpu/device';
import type { ModelRuntime } from '../../src/model/modelTypes';
import type { Tokenizer } from '../../src/model/tokenizer';
import { makeNodeParts } from '../../tests/helpers/nodeParts';
import { memoRuntime } from './memoRuntime';

export type OpenedModel = {
  context: GpuContext;
  runtime: ModelRuntime;
  /** for evaluating one SAE after the other on the same text */
  repeating: ModelRuntime;
  corpusHost: CorpusHost;
  tokenizer: Tokenizer;
};

/** A function that opens the demo once and hands out the same. */
export function makeModelOpener(): () => Promise<OpenedModel> {
  let opened: Promise<OpenedModel> | null = null;
  return () => (opened ??= openModel());
}

async function openModel(): Promise<OpenedModel> {
  const parts = makeNodeParts();
  const device = createDeviceHost(parts);
  const modelHost = createModelHost(parts, device, createModelShelf(parts), () => undefined);
  const { tokenizer } = await modelHost.open({ kind: 'demo' });
  const context = await device.acquire();
  const runtime = await modelHost.runtime();
  return {
    ...{ context, tokenizer, corpusHost: createCorpusHost(parts), runtime },
    repeating: memoRuntime(runtime),
  };
}
