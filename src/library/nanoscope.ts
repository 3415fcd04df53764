/**
 * Sparse autoencoders for nanochat models, without a page: collect activations, train, measure, look, steer.
 * What `import … from 'nanoscope'` gives; everything else is internal.
 *
 * @packageDocumentation
 */
export {
  ActivationCollector,
  collectActivations,
  DeviceActivations,
  textBatches,
  type Activations,
  type CollectorOptions,
  type TokenBatch,
} from './activationCollector';
export { demo } from './demo';
export { circuitJson, traceCircuit, type CircuitRequestOptions } from './circuit';
export { FeatureVisualizer } from './featureVisualizer';
export {
  InterpretableModel,
  type ActiveFeatures,
  type Interpretation,
  type OpenOptions,
  type TextInput,
} from './interpretableModel';
export { loadSaes, type SaeCollection } from './loadSaes';
export type { DemoPlaces, FilePlace } from '../engine/machine';
export { neuronpedia, type UploadOptions } from './neuronpedia';
export { Sae } from './sae';
export { SaeEvaluator } from './saeEvaluator';
export { SaeConfig, trainSaeFromActivations, type ConfigRequest, type TrainOptions } from './train';
