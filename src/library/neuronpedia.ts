// Neuronpedia: files prepared for it, and what they say of an SAE. Nothing is sent from here.
import { machine } from '#machine';
import type { FilePlace } from '../engine/machine';
import { metadataSource } from '../engine/share/exportFacts';
import {
  createNeuronpediaMetadata,
  type NeuronpediaMetadata,
} from '../formats/sae/neuronpediaMetadata';
import { writeExport } from '../engine/share/writeExport';
import { needStatistics } from '../engine/statistics/needStatistics';
import type { InterpretableModel } from './interpretableModel';
import { statisticsOf, type Sae } from './sae';

/** Form and names of what is prepared. */
export type UploadOptions = {
  /** bulk: the layout of Neuronpedia's own exports, for a local instance or its people; rest: the bodies of its upload
   *  interface, at most 128 features each. Default: bulk */
  layout?: 'bulk' | 'rest';
  /** Neuronpedia's name of the model; default: made from ours */
  modelId?: string;
  /** its name of the SAE's set; default: made from hook point and recipe */
  sourceSet?: string;
  /** of the SAE, such as MIT */
  licence?: string;
  /** tokens of text read for the statistics where statistics.bin does not lie beside the weights; default 200,000 */
  tokens?: number;
  /** between pieces of work */
  onProgress?: (phase: string, done: number, total: number) => void;
};

/** Files prepared for Neuronpedia, and what they say of an SAE. Nothing is sent. */
export const neuronpedia = {
  /** Writes the files into the folder and returns their names. Throws ConfigError where the SAE does not fit the model.
   *  Source: docs/design/interop.md. */
  async prepareUpload(
    model: InterpretableModel,
    sae: Sae,
    folder: FilePlace,
    o: UploadOptions = {},
  ): Promise<string[]> {
    const { layout = 'bulk', tokens = 200_000, modelId, sourceSet, licence } = o;
    const onProgress = o.onProgress ?? (() => undefined);
    const known = await model.addSae(sae);
    const statistics = { file: statisticsOf(sae), tokens, onProgress };
    const { saeId } = await needStatistics(model.session, known, statistics);
    const request = {
      saeId,
      format: layout === 'bulk' ? ('neuronpedia' as const) : ('upload' as const),
      ...(modelId !== undefined && { modelId }),
      ...(sourceSet !== undefined && { sourceSet }),
      ...(licence !== undefined && { licence }),
    };
    const write = (path: string, bytes: Uint8Array<ArrayBuffer>) =>
      machine.write(folder, path, bytes);
    return writeExport(model.session, { request, write, onProgress });
  },

  /** What is known of an SAE as one record: training, evaluation, model, text, licence, version; null where it is not
   *  known. */
  async createMetadata(
    model: InterpretableModel,
    sae: Sae,
    o: { licence?: string } = {},
  ): Promise<NeuronpediaMetadata> {
    const facts = await model.addSae(sae);
    const { licence } = o;
    return createNeuronpediaMetadata(
      await metadataSource(model.session.hosts, facts, { licence, sha256: {} }),
    );
  },
};
