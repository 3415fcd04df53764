// The demo model, its text and a GPU device, headless: what activations are dumped from and SAEs are spliced
// into. Opened when first needed.
import { createCorpusHost, type CorpusHost } from '../../src/engine/text/corpusHost';
import { createDeviceHost, type DeviceHost } from '../../src/engine/deviceHost';
import { createModelHost } from '../../src/engine/model/modelHost';
import { createModelShelf } from '../../src/engine/model/modelShelf';
import type { EngineParts } from '../../src/engine/parts';
import type { GpuContext } from '../../src/gpu/device/device';
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

/** Opens each once, when first asked: training needs no model. */
export type Openers = {
  device: () => Promise<GpuContext>;
  model: () => Promise<OpenedModel>;
};

export function makeOpeners(): Openers {
  const parts = makeNodeParts();
  const host = createDeviceHost(parts);
  let opened: Promise<OpenedModel> | null = null;
  return {
    device: () => host.acquire(),
    model: () => (opened ??= openModel(parts, host)),
  };
}

async function openModel(parts: EngineParts, device: DeviceHost): Promise<OpenedModel> {
  const modelHost = createModelHost(parts, device, createModelShelf(parts), () => undefined);
  const { tokenizer } = await modelHost.open({ kind: 'demo' });
  const context = await device.acquire();
  const runtime = await modelHost.runtime();
  return {
    context,
    tokenizer,
    corpusHost: createCorpusHost(parts),
    runtime,
    repeating: memoRuntime(runtime),
  };
}
