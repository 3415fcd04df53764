// Every reader of foreign files, what its files look like and what a correct load of one is. A new reader is
// one entry of the list at the end.
import fc from 'fast-check';
import { gunzipSync, gzipSync } from 'node:zlib';
import { formatShareState, parseShareState } from '../../../src/core/share/shareState';
import type { TensorSource } from '../../../src/core/model/nanochat';
import { expandArchives, unzipFiles, zipFiles } from '../../../src/formats/archives/archive';
import { formatArrayBundle, parseArrayBundle } from '../../../src/formats/archives/arrayBundle';
import { parseHfConfig } from '../../../src/formats/model/hfConfig';
import { parseHfTokenizer } from '../../../src/formats/model/hfTokenizer';
import { parseNanochatMeta } from '../../../src/formats/model/nanochatMeta';
import { readNanochatFolder } from '../../../src/formats/model/nanochatFolder';
import { expectedTensors } from '../../../src/formats/model/nanochatRevision';
import { formatSafetensors, readSafetensors } from '../../../src/formats/archives/safetensors';
import { examplesOfLatent } from '../../../src/core/statistics/latentExamples';
import { formatSaeStatistics, parseSaeStatistics } from '../../../src/formats/sae/saeStatistics';
import type { ParsedSae } from '../../../src/formats/sae/parsedSae';
import { openSae } from '../../../src/formats/sae/openSae';
import { parseSaeLens } from '../../../src/formats/sae/saelens';
import { readTextFiles } from '../../../src/formats/text/textFiles';
import {
  parseTokenizerPickle,
  type TokenizerFile,
} from '../../../src/formats/model/tokenizerPickle';
import { readTorchCheckpoint } from '../../../src/formats/model/torchCheckpoint';
import { readZipDirectory } from '../../../src/formats/archives/zip';
import { makeTokenizer } from '../../../src/model/tokenizer';
import { tokenizerPickle, torchPickle, torchZip } from '../../unit/formats/archives/pickleBuilder';
import { concat, little, makeZip } from '../../unit/formats/archives/zipBuilder';
import { expectThat, type FuzzTarget } from './cases';
import { editedBytes } from './edits';
import { editedJson } from './jsonEdits';
import { kindTargets } from './kindTargets';
import { recordsTarget } from './records';
import { demo, fixture, tinyFolder, tinySae, tinyStatistics } from './seeds';
import { DEMO_MODEL } from '../model/demoFiles';
import { hostileTensors, lyingZip, opcodePickle, torchFileOf } from './structures';

type Bytes = Uint8Array<ArrayBuffer>;
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const blobOf = (bytes: Uint8Array) => new Blob([bytes as Bytes]);
const product = (shape: readonly number[]) => shape.reduce((all, n) => all * n, 1);

/** JSON that stays JSON, and the same bytes edited blindly. */
const jsonFiles = (...originals: string[]) =>
  fc.oneof(
    { weight: 3, arbitrary: editedJson(originals).map(bytesOf) },
    { weight: 1, arbitrary: editedBytes(originals.map(bytesOf)) },
  );

async function checkTensors(
  tensors: ReadonlyMap<string, TensorSource>,
  fileBytes: number,
): Promise<void> {
  let values = 0;
  for (const [name, { shape, read, name: own }] of tensors) {
    expectThat(name === own, 'a tensor goes by two names');
    const data = await read();
    values += data.length;
    expectThat(data instanceof Float32Array, 'a tensor is not made of f32');
    expectThat(data.length === product(shape), `${data.length} values of shape [${shape.join()}]`);
  }
  expectThat(values <= 16 * fileBytes, `${values} values from ${fileBytes} bytes`);
}

async function readTorch(bytes: Uint8Array): Promise<void> {
  await checkTensors(await readTorchCheckpoint(blobOf(bytes), 'x.pt'), bytes.length);
}

async function readZip(bytes: Uint8Array): Promise<void> {
  const blob = blobOf(bytes);
  const entries = await readZipDirectory(blob, 'x.zip', { allowDeflate: true });
  for (const { start, end } of entries.values()) {
    expectThat(0 < start && start <= end && end < blob.size, `an entry at ${start} to ${end}`);
  }
  for (const { path, blob: content } of await unzipFiles(blob, 'x.zip')) {
    expectThat(content.size === entries.get(path)?.size, `${path} has ${content.size} bytes`);
  }
}

function checkTokenizer(file: TokenizerFile): void {
  const tokenizer = makeTokenizer(file);
  const text = 'ab naïve 文字 🙂 12 \n';
  const ids = tokenizer.encodeOrdinary(text);
  for (const id of ids) {
    expectThat(Number.isInteger(id) && id >= 0 && id < tokenizer.vocabSize, `token ${id}`);
    tokenizer.tokenText(id);
  }
  // A split pattern may leave characters out, as tiktoken's would; what stays must be of the text.
  const decoded = tokenizer.decode(ids);
  expectThat(
    Array.from(decoded).every((c) => text.includes(c) || c === '\ufffd'),
    `text ${decoded}`,
  );
}

const folderFile = (name: 'model' | 'meta' | 'tokenizer', files: fc.Arbitrary<Uint8Array>) => {
  const whole = tinyFolder();
  return {
    name: `folder, ${name}`,
    files,
    read: async (bytes: Uint8Array) => {
      const { model, meta, tokenizer } = Object.assign({ ...whole }, { [name]: bytes });
      const folder = await readNanochatFolder([
        { path: 'd2/model_000007.pt', blob: blobOf(model) },
        { path: 'd2/meta_000007.json', blob: blobOf(meta) },
        { path: 'tokenizer.pkl', blob: blobOf(tokenizer) },
      ]);
      const { config, revision, tensors } = folder.checkpoint;
      const expected = expectedTensors(config, revision);
      expectThat(tensors.size === expected.size, `${tensors.size} tensors`);
      for (const [key, shape] of expected) {
        expectThat(tensors.get(key)?.shape.join() === shape.join(), `shape of ${key}`);
      }
      await checkTensors(tensors, model.length);
      expectThat(makeTokenizer(folder.tokenizer).vocabSize === config.vocab_size, 'vocabulary');
      checkTokenizer(folder.tokenizer);
    },
  };
};

const saeFile = (name: string, files: fc.Arbitrary<Uint8Array>): FuzzTarget => ({
  name: `SAELens, ${name}`,
  files,
  read: (bytes) => readSae(new Map([...tinySae(), [name, bytes]])),
});

/** Of other tools: one file of a fixture edited. */
const peerFile = (folder: string, name: string): FuzzTarget => ({
  name: `${folder.split('/')[0] ?? ''}, ${name}`,
  files: name.endsWith('.json')
    ? jsonFiles(textOf(fixture(`saes/${folder}/${name}`)))
    : editedBytes([fixture(`saes/${folder}/${name}`)]),
  read: async (bytes) => {
    const names = name.endsWith('safetensors') || name === 'cfg.json' ? SPARSIFY : LEARNING;
    const drop = names.map((other) => ({
      path: `layers.1/${other}`,
      blob: blobOf(other === name ? bytes : fixture(`saes/${folder}/${other}`)),
    }));
    checkSae(await openSae(drop));
  },
});
const SPARSIFY = ['cfg.json', 'sae.safetensors'];
const LEARNING = ['config.json', 'ae.pt'];

async function readSae(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const drop = [...files].map(([path, bytes]) => ({ path, blob: blobOf(bytes) }));
  checkSae(await parseSaeLens(await expandArchives(drop)));
}

function checkSae({ params, facts, modelName }: ParsedSae): void {
  const { d_in, d_sae, W_enc, W_dec, b_enc, b_dec } = params;
  if (params.architecture === 'topk') {
    expectThat(params.k >= 1 && params.k <= d_sae, `k ${params.k}`);
  }
  const lengths = [W_enc, W_dec, b_enc, b_dec].map(({ length }) => length).join();
  expectThat(lengths === [d_in * d_sae, d_in * d_sae, d_sae, d_in].join(), lengths);
  for (const array of [W_enc, W_dec, b_enc, b_dec]) {
    expectThat(array.every(Number.isFinite), 'a parameter is not finite');
  }
  expectThat(facts.fireRates?.every((rate) => rate >= 0 && rate <= 1) ?? true, 'a rate');
  const { contextSize, tokens, l0, deadCount, explainedVariance } = facts;
  const isCount = (n: number | null, max: number) =>
    n === null || (Number.isSafeInteger(n) && n >= 0 && n <= max);
  expectThat(isCount(contextSize, 1_048_576) && contextSize !== 0, `context ${contextSize}`);
  expectThat(isCount(tokens, 2 ** 53), `tokens ${tokens}`);
  expectThat(isCount(deadCount, d_sae), `dead ${deadCount}`);
  expectThat(l0 === null || (l0 >= 0 && l0 <= d_sae), `l0 ${l0}`);
  expectThat(explainedVariance === null || explainedVariance <= 1, `fvu ${explainedVariance}`);
  expectThat(modelName.length <= 500, `a model name of ${modelName.length} characters`);
}

const textFile = (extension: string, files: fc.Arbitrary<Uint8Array>): FuzzTarget => ({
  name: `text, .${extension}`,
  files,
  read: async (bytes) => {
    const file = { path: `folder/x.${extension}`, blob: blobOf(bytes) };
    const { documents, characters } = await readTextFiles([file], { field: 'text' });
    expectThat(documents.length > 0, 'no documents');
    expectThat(
      documents.every((text) => typeof text === 'string' && text.trim() !== ''),
      'a blank document',
    );
    expectThat(documents.reduce((sum, text) => sum + text.length, 0) === characters, 'characters');
  },
});

/** A safetensors file around a header. */
const safetensorsOf = (header: Uint8Array, data: Uint8Array) =>
  concat(little([8, header.length]), header, data);
const TENSORS = formatSafetensors(
  [
    { name: 'W', shape: [3, 4], data: new Float32Array(12) },
    { name: 'b', shape: [4], data: new Float32Array(4) },
    { name: 'empty', shape: [0, 4], data: new Float32Array() },
  ],
  new Map([['format', 'pt']]),
);
const headerOf = (file: Uint8Array) =>
  file.subarray(8, 8 + Number(new DataView(file.buffer).getBigUint64(0, true)));

const editedHeaders = (file: Uint8Array) => {
  const header = headerOf(file);
  return editedJson([textOf(header)]).map((text) =>
    safetensorsOf(bytesOf(text), file.subarray(8 + header.length)),
  );
};

const BUNDLE = formatArrayBundle({
  facts: { step: 3 },
  arrays: { a: new Float32Array(5), b: Uint16Array.of(1, 2, 3), c: new Float64Array(2) },
});
const bundleHeader = (file: Uint8Array) =>
  file.subarray(8, 8 + new DataView(file.buffer, file.byteOffset).getUint32(4, true));
const editedBundles = (file: Uint8Array) => {
  const header = bundleHeader(file);
  const data = file.subarray(Math.ceil((8 + header.length) / 8) * 8);
  return editedJson([textOf(header)]).map((text) => {
    const edited = bytesOf(text);
    const gap = new Uint8Array(Math.ceil((8 + edited.length) / 8) * 8 - 8 - edited.length);
    return concat(file.subarray(0, 4), little([4, edited.length]), edited, gap, data);
  });
};

const TOKENIZER = tokenizerPickle({});
const CHECKPOINT = torchZip({
  pickle: torchPickle([
    { name: 'W', key: '0', elements: 12, shape: [3, 4], strides: [4, 1] },
    {
      name: 'b',
      key: '1',
      elements: 4,
      shape: [2, 2],
      strides: [1, 2],
      storage: 'BFloat16Storage',
    },
  ]),
  data: { 0: new Float32Array(12), 1: new Uint16Array(4) },
});
const STATE_DICT = torchPickle(
  [1, 2, 3].map((n) => ({
    name: `t${n}`,
    key: '0',
    elements: 12,
    offset: n,
    shape: [n],
    strides: [1],
  })),
);
const ZIPS = [
  zipFiles(
    new Map([
      ['a.json', new Uint8Array(50).fill(65)],
      ['b', new Uint8Array(9)],
    ]),
  ),
  makeZip([{ path: 'x', data: new Uint8Array(20) }], { zip64: true, wideEntries: true }),
];
const JSONL = '{"text": "one"}\n{"text": "two é", "n": 1}\n\n{"text": "three"}\n';
const PLAIN = 'A line.\n\nAnother \f new page\n<|endoftext|>\nlast é 🙂';
const LINK =
  '#v=1&view=feature&model=demo&sae=x~1&hook=blocks.2.hook_resid_post&feature=7&q=a&sort=-maxact&dead=0&steer=7:add:2max&prompt=one+two&temp=0.8&topk=40&len=64&seed=7&theme=dark&z=%20';
const parquet = (name: string) => fixture(`formats/corpus_${name}.parquet`);

/** All targets, in the order in which they are reported. */
export async function makeTargets(): Promise<FuzzTarget[]> {
  const sae = tinySae();
  const folder = tinyFolder();
  const statistics = await formatSaeStatistics(tinyStatistics());
  const bundle = new Uint8Array(gunzipSync(statistics));
  const zipped = zipFiles(sae);
  const weights = sae.get('sae_weights.safetensors')!;
  const metas = [textOf(folder.meta), textOf(demo(`nanochat-d4/${DEMO_MODEL.meta}`))];
  return [
    { name: 'zip', files: fc.oneof(editedBytes(ZIPS), lyingZip), read: readZip },
    {
      name: 'torch checkpoint',
      files: fc.oneof(
        editedBytes([CHECKPOINT]),
        editedBytes([fixture('revisions/r2-plain/model_000000.pt.gz'), CHECKPOINT]),
        hostileTensors,
      ),
      read: readTorch,
    },
    {
      name: 'data.pkl',
      files: fc.oneof(editedBytes([STATE_DICT]), opcodePickle(2, STATE_DICT)),
      read: async (bytes) => readTorch(new Uint8Array(await torchFileOf(bytes).arrayBuffer())),
    },
    {
      name: 'tokenizer.pkl',
      files: fc.oneof(
        { weight: 4, arbitrary: editedBytes([TOKENIZER]) },
        { weight: 3, arbitrary: opcodePickle(4, TOKENIZER) },
        { weight: 1, arbitrary: editedBytes([demo('nanochat-d4/tokenizer.pkl'), TOKENIZER]) },
      ),
      read: (bytes) => {
        checkTokenizer(parseTokenizerPickle(bytes, 'tokenizer.pkl'));
      },
    },
    folderFile('model', editedBytes([folder.model])),
    folderFile('meta', jsonFiles(...metas)),
    folderFile('tokenizer', editedBytes([folder.tokenizer])),
    {
      name: 'meta JSON',
      files: jsonFiles(...metas),
      read: (bytes) => {
        const { config, step, valBpb } = parseNanochatMeta(textOf(bytes), 'meta.json');
        expectThat(Object.keys(config).length === 7, 'a setting too many');
        expectThat(step === null || Number.isSafeInteger(step), `step ${step}`);
        expectThat(valBpb === null || Number.isFinite(valBpb), `valBpb ${valBpb}`);
      },
    },
    {
      name: 'config.json of transformers',
      files: jsonFiles(
        textOf(fixture('hf/sharded/config.json')),
        textOf(fixture('hf/tied/config.json')),
      ),
      read: (bytes) => {
        const { config, revision } = parseHfConfig(textOf(bytes), 'config.json');
        expectThat(Object.keys(config).length === 7, 'a setting too many');
        expectThat(config.n_embd % (2 * config.n_head) === 0, 'heads that do not divide');
        const numbers = [revision.rotaryBase, revision.logitSoftcap, revision.normEps];
        expectThat(
          numbers.every((x) => Number.isFinite(x) && x > 0),
          numbers.join(),
        );
      },
    },
    {
      name: 'tokenizer.json',
      files: jsonFiles(textOf(fixture('hf/sharded/tokenizer.json.gz'))),
      read: (bytes) => {
        checkTokenizer(parseHfTokenizer(textOf(bytes), 'tokenizer.json'));
      },
    },
    {
      name: 'safetensors',
      files: fc.oneof(
        editedBytes([TENSORS, fixture('formats/reference.safetensors')]),
        editedHeaders(TENSORS),
      ),
      read: async (bytes) => {
        const { tensors } = await readSafetensors(blobOf(bytes), 'x.safetensors');
        await checkTensors(tensors, bytes.length);
      },
    },
    saeFile('cfg.json', jsonFiles(textOf(sae.get('cfg.json')!), textOf(demo('sae/cfg.json')))),
    saeFile('sae_weights.safetensors', fc.oneof(editedBytes([weights]), editedHeaders(weights))),
    saeFile('sparsity.safetensors', editedBytes([sae.get('sparsity.safetensors')!])),
    {
      name: 'SAELens, zipped',
      files: fc.oneof(editedBytes([zipped]), lyingZip),
      read: (bytes) => readSae(new Map([['x.zip', bytes]])),
    },
    peerFile('sparsify-unit/layers.1', 'cfg.json'),
    peerFile('sparsify-unit/layers.1', 'sae.safetensors'),
    peerFile('dictionary_learning-BatchTopKSAE', 'config.json'),
    peerFile('dictionary_learning-BatchTopKSAE', 'ae.pt'),
    {
      name: 'array bundle',
      files: fc.oneof(editedBytes([BUNDLE]), editedBundles(BUNDLE)),
      read: (bytes) => {
        const { arrays } = parseArrayBundle(bytes, 'bundle');
        const held = Object.values(arrays).reduce((sum, array) => sum + array.byteLength, 0);
        expectThat(held <= bytes.length, `${held} bytes from ${bytes.length}`);
      },
    },
    {
      name: 'statistics',
      files: fc.oneof(
        editedBytes([statistics]),
        fc
          .oneof(editedBytes([bundle]), editedBundles(bundle))
          .map((b) => new Uint8Array(gzipSync(b))),
      ),
      read: async (bytes) => {
        const s = await parseSaeStatistics(bytes, 2);
        expectThat(Number.isSafeInteger(s.countedTokens) && s.countedTokens >= 0, 'tokens');
        for (const latent of [0, 1]) examplesOfLatent(s.examples, latent);
        for (const array of [s.actSum, s.maxAct, s.range, s.logits.topValues]) {
          expectThat(array.every(Number.isFinite), 'a statistic is not finite');
        }
      },
    },
    textFile('jsonl', fc.oneof(editedBytes([bytesOf(JSONL)]), editedLines())),
    textFile('txt', editedBytes([bytesOf(PLAIN)])),
    textFile('md', editedBytes([bytesOf(PLAIN)])),
    textFile('parquet', editedBytes(['zstd', 'snappy_dictionary', 'gzip_v2'].map(parquet))),
    { ...textFile('parquet', editedBytes([parquet('plain')])), name: 'text, plain .parquet' },
    recordsTarget(),
    {
      name: 'link',
      files: editedBytes([bytesOf(LINK)]),
      read: (bytes) => {
        const state = parseShareState(textOf(bytes));
        const again = parseShareState(formatShareState(state));
        expectThat(JSON.stringify(again) === JSON.stringify(state), formatShareState(state));
      },
    },
    ...kindTargets(),
  ];
}

function editedLines(): fc.Arbitrary<Uint8Array> {
  const line = editedJson(['{"text":"one","n":1}', '{"text":"two"}']);
  return fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => bytesOf(lines.join('\n')));
}
