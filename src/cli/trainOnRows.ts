// Training on rows that another tool computed: no model, no text, so nothing to resume or to measure with.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hookPoint, parseHookPoint } from '../core/activations/hookPoint';
import { ConfigError } from '../core/errors';
import type { SaeArchitecture } from '../core/sae/architecture';
import { readRowsFile } from '../formats/archives/rowsFile';
import type { AdvancedFields } from '../engine/train/api';
import { SaeConfig, trainSaeFromActivations } from '../library/train';
import { localFile } from '../node/localFiles';
import { saeFolderName } from '../node/saeFolder';
import type { MachineChoice } from '../engine/session';
import type { CliIo } from './io';
import { pathOf, required } from './options';
import { createProgress } from './progress';

type RowsRequest = MachineChoice & {
  activations?: string;
  tensor?: string;
  hook?: string[];
  layer?: number[];
  expansionFactor: number;
  activation: string;
  k?: number;
  numActivations: number;
  batchSize: number;
  seed: number;
  advanced: AdvancedFields;
  /** whole */
  outputDir: string;
  overwrite?: boolean;
};

/** An unknown name is refused where every name is known. */
export function architectureOf(name: string): SaeArchitecture {
  return name.toLowerCase().replace(/[-_]/g, '') as SaeArchitecture;
}

export async function trainOnRows(io: CliIo, o: RowsRequest) {
  const [name] = o.hook ?? (o.layer ?? []).map((layer) => hookPoint(layer, 'hook_resid_post'));
  const { layer, site } = parseHookPoint(
    required(name, 'hook', ': it says where the rows come from, such as blocks.6.hook_resid_post'),
  );
  const place = hookPoint(layer, site);
  const folder = join(o.outputDir, saeFolderName(place));
  if (existsSync(folder) && o.overwrite !== true) {
    throw new ConfigError(
      `output-dir: ${folder} is there already; give another --output-dir, or replace it with --overwrite`,
      'outputDir',
    );
  }
  const file = await localFile(pathOf(io, o.activations ?? ''));
  const { rows, width, data } = await readRowsFile(file, o.tensor);
  const activations = { hookPoint: place, rows, d_in: width, data };
  const config = SaeConfig.fromActivations(activations, {
    ...o.advanced,
    architecture: architectureOf(o.activation),
    expansionFactor: o.expansionFactor,
    ...(o.k !== undefined && { k: o.k }),
    tokens: o.numActivations,
    batchSize: o.batchSize,
    seed: o.seed,
  });
  const progress = createProgress(io);
  const last = { explainedVariance: NaN, l0: NaN };
  try {
    const sae = await trainSaeFromActivations(activations, config, {
      device: o.device,
      threads: o.threads,
      signal: io.interrupt,
      onMetrics({ step, explainedVariance, l0 }, steps) {
        Object.assign(last, { explainedVariance, l0 });
        progress.show('training', step + 1, steps);
      },
    });
    await sae.save(folder);
    const { architecture, k, d_in, d_sae, tokens } = sae.facts;
    return {
      path: folder,
      hookPoint: place,
      architecture,
      k,
      d_in,
      d_sae,
      tokens,
      rows,
      lastBatch: last,
    };
  } finally {
    progress.end();
  }
}
