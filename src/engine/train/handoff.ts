// Runs of this form as a folder that other machines train (formats/train/handoffFiles.ts), with the text of training in it.
import { ConfigError } from '../../core/errors';
import type { SaeConfig } from '../../core/sae/sae';
import { zipOf, type ExportFile } from '../../formats/archives/exportFile';
import { formatHandoff, TEXT_FILE } from '../../formats/train/handoffFiles';
import { APP_VERSION } from '../appVersion';
import type { EngineHosts } from '../hosts';
import type { ModelFile } from '../shared/api';
import type { TrainForm } from './api';
import { makeTrainConfigs } from './trainConfig';

const ZIP_FILE = 'train-elsewhere.zip';

export type HandoffRequest = { forms: TrainForm[]; as: 'zip' | 'files' };

/** Throws ConfigError for what SAELens does not train. */
export async function makeHandoff(
  { modelHost, corpusHost }: Pick<EngineHosts, 'modelHost' | 'corpusHost'>,
  { forms, as }: HandoffRequest,
): Promise<ModelFile[]> {
  const { id, name, step } = modelHost.current().facts;
  const configs = forms.flatMap((form) => {
    const made = makeTrainConfigs(form, modelHost.current().facts, null);
    made.forEach((config) => refuseOwn(form, config));
    return made;
  });
  const text = corpusHost.current();
  const lines = await text.trainingJsonl();
  const files = formatHandoff({
    version: APP_VERSION,
    model: { id, name, step },
    text: { name: text.facts().name, documents: lines.documents },
    configs,
  });
  const all = [
    ...[...files].map(([path, content]) => ({ path, blob: new Blob([content]) })),
    { path: TEXT_FILE, blob: lines.blob },
  ];
  return as === 'files' ? all : [{ path: ZIP_FILE, blob: await zipOf(bytesOf(all)) }];
}

async function* bytesOf(files: readonly ModelFile[]): AsyncGenerator<ExportFile> {
  for (const { path, blob } of files) {
    yield { path, bytes: new Uint8Array(await blob.arrayBuffer()) };
  }
}

function refuseOwn({ source }: TrainForm, config: SaeConfig): void {
  if (source === 'random') {
    throw new ConfigError('Random activations are a smoke test of this machine.', 'source');
  }
  if (config.architecture === 'transcoder') {
    throw new ConfigError(
      'SAELens, which the script trains with, has no training of transcoders. sparsify has: its option --transcode.',
      'architecture',
    );
  }
  if (config.emaDecay > 0) {
    throw new ConfigError(
      `SAELens keeps no average of weights: emaDecay ${config.emaDecay}; 0 can be trained.`,
      'emaDecay',
    );
  }
  if ('resampleInterval' in config && config.resampleInterval > 0) {
    throw new ConfigError(
      `SAELens does not resample: resampleInterval ${config.resampleInterval}; 0 can be trained.`,
      'resampleInterval',
    );
  }
  if (config.architecture === 'relu' && config.decoderNorm === 'unit') {
    throw new ConfigError(
      'SAELens trains ReLU with a free decoder only: decoderNorm unit.',
      'decoderNorm',
    );
  }
}
