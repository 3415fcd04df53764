// An SAE as the files of other tools, one after the other (interop.md §§4, 5, 7, 8, 9): the page packs them into a zip,
// a program writes them to a folder.
import { hashOfId, nameOfId } from '../../core/contentId';
import { ConfigError } from '../../core/errors';
import {
  filesOf,
  gzipped,
  jsonFile,
  textFile,
  type ExportFile,
} from '../../formats/archives/exportFile';
import {
  bulkActivationRows,
  bulkExplanationRows,
  bulkFeatureRow,
  bulkRows,
  jsonLines,
  LOCAL_CREATOR,
  makeRowIds,
  type BulkFacts,
} from '../../formats/sae/neuronpediaBulk';
import {
  createNeuronpediaMetadata,
  formatReadme,
  type NeuronpediaMetadata,
} from '../../formats/sae/neuronpediaMetadata';
import {
  neuronpediaPlace,
  sourceIdOf,
  type NeuronpediaPlace,
} from '../../formats/sae/neuronpediaNames';
import {
  uploadBody,
  type NewModelBody,
  type NewSourceSetBody,
} from '../../formats/sae/neuronpediaUpload';
import { formatDashboardFeatures } from '../../formats/sae/saeDashboard';
import { CONFIG_FILE, WEIGHTS_FILE } from '../../formats/sae/saeFolder';
import { formatSaeLens } from '../../formats/sae/saelens';
import { formatSparsify } from '../../formats/sae/sparsify';
import { sha256Hex } from '../../storage/storage';
import type { EngineHosts } from '../hosts';
import type { JobStep } from '../jobs';
import type { SaeFacts } from '../sae/api';
import { fireRatesOf } from '../sae/saeFiles';
import { pathOf, saeLensFacts } from '../sae/saeFacts';
import { dashboardText } from '../statistics/dashboardExport';
import { latentDashboard } from '../statistics/dashboard';
import { isSpecialText } from '../statistics/statisticsOf';
import type { ExportRequest } from './api';
import { metadataSource } from './exportFacts';
import {
  BATCH_FEATURES,
  featureBatches,
  readDashboardData,
  type DashboardData,
} from './featureDashboards';

const README = 'README.md';
/** SAEDashboard skips latents below it: ours are those that never fired, whose rate has the logarithm −10. */
const DEAD_LOG_RATE = -9;

/** Throws ConfigError where there is no such SAE, where it has no statistics and the format needs them, and where the
 *  format has no room for it. step throws to cancel. */
export async function* exportSaeFiles(
  hosts: EngineHosts,
  request: ExportRequest,
  step: JobStep,
): AsyncGenerator<ExportFile> {
  switch (request.format) {
    case 'saelens':
      yield* saeLensFiles(hosts, request);
      break;
    case 'sparsify':
      yield* sparsifyFiles(hosts, request);
      break;
    case 'dashboards':
      yield* dashboardFiles(hosts, request, step);
      break;
    case 'neuronpedia':
      yield* bulkFiles(hosts, request, step);
      break;
    case 'upload':
      yield* uploadFiles(hosts, request, step);
      break;
    default:
      request.format satisfies never;
  }
}

/** What is known of it, with the hash of its weights. */
async function describe(
  hosts: EngineHosts,
  request: ExportRequest,
  facts: SaeFacts,
  weights: Uint8Array<ArrayBuffer> | undefined,
): Promise<NeuronpediaMetadata> {
  const sha256: Record<string, string> = {};
  if (weights !== undefined) sha256[WEIGHTS_FILE] = await sha256Hex(weights);
  return createNeuronpediaMetadata(
    await metadataSource(hosts, facts, { licence: request.licence, sha256 }),
  );
}

async function readSae({ library }: EngineHosts, { saeId }: ExportRequest) {
  const facts = await library.get(saeId);
  return {
    facts,
    params: await library.params(facts.saeId),
    carried: await library.carried(facts.saeId),
    // What is wrong with statistics does not hold back the weights.
    statistics: await library.statistics(facts.saeId),
  };
}

/** The directory as it is stored, with the record of its making in cfg.json and in words. */
async function saeLensDirectory(hosts: EngineHosts, request: ExportRequest) {
  const { facts, params, carried, statistics } = await readSae(hosts, request);
  const lens = {
    ...saeLensFacts(facts, { fireRates: fireRatesOf(statistics), carried }),
    ...(request.modelRepo !== undefined && { modelName: request.modelRepo }),
  };
  const weights = formatSaeLens(params, lens).get(WEIGHTS_FILE);
  const metadata = await describe(hosts, request, facts, weights);
  return {
    facts,
    metadata,
    files: formatSaeLens(params, { ...lens, record: { metadata } }),
  };
}

async function* saeLensFiles(
  hosts: EngineHosts,
  request: ExportRequest,
): AsyncGenerator<ExportFile> {
  const { metadata, files } = await saeLensDirectory(hosts, request);
  yield* filesOf(files);
  yield textFile(
    README,
    formatReadme(metadata, [
      'A sparse autoencoder as a SAELens directory. Load it with `SAE.load_from_disk(folder)` of SAELens 6 or later; nanoscope opens the folder or a zip of it, too.',
    ]),
  );
}

async function* sparsifyFiles(
  hosts: EngineHosts,
  request: ExportRequest,
): AsyncGenerator<ExportFile> {
  const { facts, params } = await readSae(hosts, request);
  const metadata = await describe(hosts, request, facts, undefined);
  const { hookPoint, modelId } = facts;
  yield* filesOf(formatSparsify(params, { hookPoint, modelId, record: { metadata } }));
  yield textFile(
    README,
    formatReadme(metadata, [
      'A sparse autoencoder as a folder of sparsify. Load it with `SparseCoder.load_from_disk(folder)` of eai-sparsify, or all folders beside each other with `load_many(path, local=True)`.',
    ]),
  );
}

function placeOf({ facts }: { facts: SaeFacts }, request: ExportRequest): NeuronpediaPlace {
  return neuronpediaPlace({
    modelName: facts.modelId === null ? 'nanochat' : nameOfId(facts.modelId),
    hookPoint: facts.hookPoint,
    architecture: facts.architecture,
    d_sae: facts.d_sae,
    ...(request.modelId !== undefined && { modelId: request.modelId }),
    ...(request.sourceSet !== undefined && { sourceSet: request.sourceSet }),
  });
}

/** How the numbers were made that SAEDashboard counts over prompts. */
function textOf({ facts, statistics }: DashboardData) {
  return dashboardText(facts, latentDashboard(statistics, 0, isSpecialText));
}

async function* dashboardFiles(
  hosts: EngineHosts,
  request: ExportRequest,
  step: JobStep,
): AsyncGenerator<ExportFile> {
  const data = await readDashboardData(hosts, request.saeId, { step });
  const place = placeOf(data, request);
  const text = textOf(data);
  const { modelId, layer, sourceSet } = place;
  let number = 0;
  for await (const batch of featureBatches(hosts, data, step)) {
    const json = formatDashboardFeatures(
      { modelId, layer, saeSet: sourceSet },
      batch.map(({ dashboard }) => dashboard),
    );
    yield textFile(`batch-${number++}.json`, json);
  }
  yield jsonFile('run_settings.json', {
    sae_set: sourceSet,
    sae_path: data.facts.saeId,
    model_id: modelId,
    layer,
    sparsity_threshold: DEAD_LOG_RATE,
    n_prompts_total: text.promptsTotal,
    n_tokens_in_prompt: text.tokensInPrompt,
    n_features_at_a_time: BATCH_FEATURES,
    huggingface_dataset_path: text.dataset,
    written_by: 'nanoscope',
  });
  const alive = new Set(data.alive);
  yield jsonFile('skipped_indexes.json', {
    model_id: modelId,
    layer: String(layer),
    sae_set: sourceSet,
    log_sparsity: DEAD_LOG_RATE,
    skipped_indexes: [...data.statistics.fireCount.keys()].filter((latent) => !alive.has(latent)),
  });
  const metadata = await describe(hosts, request, data.facts, undefined);
  yield textFile(
    README,
    formatReadme(metadata, [
      'Dashboards of a sparse autoencoder, in the files that SAEDashboard writes (`batch-N.json`).',
      contentText(data),
    ]),
  );
}

async function* bulkFiles(
  hosts: EngineHosts,
  request: ExportRequest,
  step: JobStep,
): AsyncGenerator<ExportFile> {
  const directory = await saeLensDirectory(hosts, request);
  const data = await readDashboardData(hosts, request.saeId, { step });
  const facts = bulkFactsOf(hosts, data, request, directory.files);
  const root = `${facts.place.modelId}/${sourceIdOf(facts.place)}`;
  for (const [name, row] of Object.entries(bulkRows(facts))) {
    yield textFile(`${root}/${name}`, jsonLines([row]));
  }
  const newId = makeRowIds(hashOfId(data.facts.saeId));
  let number = 0;
  for await (const batch of featureBatches(hosts, data, step)) {
    const file = `batch-${number++}.jsonl.gz`;
    const tables = {
      features: batch.map((one) => bulkFeatureRow(one, facts)),
      activations: batch.flatMap((one) => bulkActivationRows(one, facts, newId)),
      explanations: batch.flatMap((one) => bulkExplanationRows(one, facts, newId)),
    };
    for (const [table, rows] of Object.entries(tables)) {
      // Its importer reads the columns from the first line, which an empty file has not.
      if (rows.length === 0) continue;
      yield { path: `${root}/${table}/${file}`, bytes: await gzipped(jsonLines(rows)) };
    }
  }
  yield textFile(`${root}/${README}`, formatReadme(directory.metadata, bulkText(facts, data)));
}

/** Names of the files, which are sent in this order (neuronpediaUpload.ts). */
export const NEW_MODEL_FILE = 'model.json';
export const NEW_SOURCE_SET_FILE = 'source-set.json';

async function* uploadFiles(
  hosts: EngineHosts,
  request: ExportRequest,
  step: JobStep,
): AsyncGenerator<ExportFile> {
  const data = await readDashboardData(hosts, request.saeId, { step, isPlain: true });
  if (data.model === null) {
    throw new ConfigError(
      `Neuronpedia asks for the number of layers of the model, which is not open: open ${data.facts.modelId ?? 'the model of this SAE'} first.`,
      'model',
    );
  }
  const place = placeOf(data, request);
  const { facts } = data;
  const url = request.url === undefined ? {} : { url: request.url };
  yield jsonFile(NEW_MODEL_FILE, {
    id: place.modelId,
    layers: data.model.layers,
    displayName: (facts.modelId === null ? place.modelId : nameOfId(facts.modelId)).slice(0, 64),
    ...url,
  } satisfies NewModelBody);
  yield jsonFile(NEW_SOURCE_SET_FILE, {
    name: place.sourceSet,
    modelId: place.modelId,
    description: `${facts.architecture}, ${facts.d_sae} features at ${facts.hookPoint}`.slice(
      0,
      128,
    ),
    ...url,
  } satisfies NewSourceSetBody);
  let number = 0;
  for await (const batch of featureBatches(hosts, data, step)) {
    yield textFile(
      `features-${String(number++).padStart(4, '0')}.json`,
      JSON.stringify(uploadBody(place, batch)),
    );
  }
  const metadata = await describe(hosts, request, facts, undefined);
  yield textFile(README, formatReadme(metadata, uploadText(data)));
}

function uploadText(data: DashboardData): string[] {
  return [
    'Bodies of requests to Neuronpedia, not sent yet. A page cannot send them: its server does not allow another site to use your key. Send them with your own key from a terminal, which shows first what will leave and asks:',
    '```sh\nNEURONPEDIA_API_KEY=… nanoscope upload FOLDER --dry-run\n```',
    'or one by one, in this order, and not more than 900 in an hour:',
    '```sh\nfor f in model source-set; do curl -fsS -H "x-api-key: $NEURONPEDIA_API_KEY" -H "Content-Type: application/json" -d @$f.json https://www.neuronpedia.org/api/$f/new; done\nfor f in features-*.json; do curl -fsS -H "x-api-key: $NEURONPEDIA_API_KEY" -H "Content-Type: application/json" -d @$f https://www.neuronpedia.org/api/feature/upload-batch; sleep 4; done\n```',
    'What is uploaded is unlisted. What is there already is not changed by uploading again. This way there are no histograms, no neighbours and no vectors; the bulk layout has them.',
    featuresText(data),
  ];
}

function bulkFactsOf(
  { parts }: EngineHosts,
  data: DashboardData,
  request: ExportRequest,
  saeLens: ReadonlyMap<string, Uint8Array>,
): BulkFacts {
  const { facts, model } = data;
  const place = placeOf(data, request);
  const creatorName = request.creatorName ?? 'nanoscope';
  const { dataset, promptsTotal, tokensInPrompt } = textOf(data);
  return {
    place,
    release: {
      name: `${place.modelId}-${place.sourceSet}`.replaceAll('.', '-'),
      description: `Sparse autoencoders of ${place.modelId}, trained with nanoscope`,
      url: request.url ?? null,
    },
    creatorId: request.creatorId ?? LOCAL_CREATOR,
    creatorName,
    createdAt: new Date(parts.wallClock()).toISOString(),
    modelTitle: facts.modelId === null ? place.modelId : nameOfId(facts.modelId),
    layers: model?.layers ?? null,
    d_model: facts.d_in,
    description: `${facts.hookPoint}, ${facts.architecture}, ${facts.d_sae} features`,
    dataset,
    promptsTotal,
    tokensInPrompt,
    weights:
      request.weightsRepo === undefined
        ? null
        : { repo: request.weightsRepo, folder: facts.hookPoint },
    saelensConfig: JSON.parse(new TextDecoder().decode(saeLens.get(CONFIG_FILE))) as object,
  };
}

function bulkText(o: BulkFacts, data: DashboardData): string[] {
  const { modelId } = o.place;
  const sourceId = sourceIdOf(o.place);
  return [
    `Prepared for Neuronpedia: its bulk layout of \`${sourceId}\` of \`${modelId}\`. Nothing was uploaded. Importing is for a local instance or for Neuronpedia's own people: copy the folder \`${modelId}\` into the bucket that your instance reads data sets from and call \`GET /api/admin/import?modelId=${modelId}&sourceId=${sourceId}\` on it; for the public site, send them the folder.`,
    `Every row belongs to the user \`${o.creatorId}\`, which must exist on that instance (it is the default user of a fresh local one). Rows that exist there already are not changed. Explanations name no method, since a method must be registered.`,
    contentText(data),
  ];
}

function featuresText({ facts, alive, statistics }: DashboardData): string {
  const dead = statistics.d_sae - alive.length;
  return `${alive.length} features; ${dead} of ${statistics.d_sae} never fired on ${statistics.countedTokens} tokens of ${pathOf(facts.statisticsCorpus)} and are left out.`;
}

function contentText(data: DashboardData): string {
  const { model, neurons } = data;
  const text = [
    featuresText(data),
    model === null
      ? 'The model was not open: logit histograms and the shares of heads are empty.'
      : 'Shares of heads (`decoder_weights_dist`) are the norms of equal slices of the decoder row, as SAEDashboard computes them; at this hook point a slice is no head.',
    neurons === null
      ? 'Correlated neurons are empty: the model and the text of the statistics were not both open.'
      : `Correlated neurons are the entries of the SAE's input, counted on ${neurons.tokens} tokens.`,
  ];
  return text.join(' ');
}
