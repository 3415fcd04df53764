// Random transcoders as the files of a SAELens directory: for tests that attribute through an engine, where any
// transcoders do.
import { hookPoint } from '../../../src/core/activations/hookPoint';
import type { SaeParams } from '../../../src/core/sae/sae';
import { formatSaeLens } from '../../../src/formats/sae/saelens';
import type { ModelFile } from '../../../src/engine/shared/api';

export function transcoderFiles(params: SaeParams, layer: number): ModelFile[] {
  const files = formatSaeLens(params, {
    architecture: 'transcoder',
    k: params.architecture === 'topk' ? params.k : null,
    hookPoint: hookPoint(layer, 'ln2.hook_normalized'),
    modelName: 'nanochat',
    contextSize: null,
    prependBos: null,
    excludeSpecialTokens: null,
    datasetPath: null,
    statistics: null,
    version: '0',
    tokens: null,
    l0: null,
    deadCount: null,
    explainedVariance: null,
    fireRates: null,
  });
  return Array.from(files, ([path, bytes]) => ({
    path: `layer_${layer}_transcoder/${path}`,
    blob: new Blob([bytes]),
  }));
}
