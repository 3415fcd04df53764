// The step as one graph of onnxruntime-web's wasm backend, on every core: masked at the k-th largest value and dense, with
// gradients and Adam as nodes. Its state goes in and comes out at every step.
import * as ort from 'onnxruntime-web/wasm';
import { makeGraphBuilder } from '../../src/model/onnx/graph';
import { formatOnnxModel, type TensorRecord } from '../../src/model/onnx/protobuf';
import type { StepSide } from '../step/backendSide';
import type { PeerCase } from '../step/trainingCase';

const OPSET = 18;
const NAMES = ['W_enc', 'b_enc', 'W_dec', 'b_dec'] as const;
const PARTS = ['p', 'm', 'v'] as const;

export async function openOrtStep(one: PeerCase): Promise<StepSide> {
  const { d_in, d_sae, batchSize, betas, rates, x } = one;
  const shapes = {
    W_enc: [d_sae, d_in],
    b_enc: [1, d_sae],
    W_dec: [d_sae, d_in],
    b_dec: [1, d_in],
  };
  ort.env.wasm.numThreads = navigator.hardwareConcurrency;
  const session = await ort.InferenceSession.create(stepModel(one, shapes), {
    executionProviders: ['wasm'],
    logSeverityLevel: 3,
  });
  const tensor = (data: Float32Array, dims: readonly number[]) =>
    new ort.Tensor('float32', data, dims);
  const first = {
    W_enc: one.W,
    b_enc: new Float32Array(d_sae),
    W_dec: one.W,
    b_dec: one.b_dec,
  };
  let state: Record<string, ort.Tensor> = {};
  for (const name of NAMES) {
    for (const part of PARTS) {
      const data = part === 'p' ? first[name].slice() : new Float32Array(first[name].length);
      state[`${name}.${part}`] = tensor(data, shapes[name]);
    }
  }
  let done = 0;
  let fvu = NaN;
  return {
    step: async () => {
      const began = performance.now();
      const from = (done * batchSize * d_in) % x.length;
      const results = await session.run({
        ...state,
        x: tensor(x.subarray(from, from + batchSize * d_in), [batchSize, d_in]),
        rate: tensor(Float32Array.of(rates[done]! / (1 - betas[0] ** (done + 1))), []),
        secondScale: tensor(Float32Array.of(1 / (1 - betas[1] ** (done + 1))), []),
      });
      done++;
      fvu = (results['loss']!.data as Float32Array)[0]!;
      state = Object.fromEntries(
        Object.keys(state).map((name) => [name, results[`${name} next`]!]),
      );
      return performance.now() - began;
    },
    fvu: () => fvu,
    facts: {
      by: `onnxruntime-web ${ort.env.versions.web ?? ''}, wasm, ${navigator.hardwareConcurrency} threads, dense`,
    },
    close: () => void session.release(),
  };
}

function stepModel(
  one: PeerCase,
  shapes: Readonly<Record<(typeof NAMES)[number], number[]>>,
): Uint8Array {
  const { d_in, k, batchSize, betas, eps, variance } = one;
  const b = makeGraphBuilder();
  const input = (name: string, shape: readonly number[]) =>
    b.input({ name, type: 'float32', shape });
  const x = input('x', [batchSize, d_in]);
  const [rate, secondScale] = [input('rate', []), input('secondScale', [])];
  const state = NAMES.map((name) => PARTS.map((part) => input(`${name}.${part}`, shapes[name])));
  const [W_enc, b_enc, W_dec, b_dec] = state.map(([p]) => p!) as [string, string, string, string];
  const product = (a: string, c: string, transposed: { transA?: number; transB?: number } = {}) =>
    b.op('Gemm', [a, c], transposed);
  const sumOver = (value: string, axis: number) =>
    b.op('ReduceSum', [value, b.integers([axis])], { keepdims: 1 });

  const xc = b.op('Sub', [x, b_dec]);
  const z = b.op('Add', [product(xc, W_enc, { transB: 1 }), b_enc]);
  const values = b.op('TopK', [z, b.integers([k])], { axis: 1 });
  const kth = b.op('Slice', [values, b.integers([k - 1]), b.integers([k]), b.integers([1])]);
  const isKept = b.op('And', [
    b.op('GreaterOrEqual', [z, kth]),
    b.op('Greater', [z, b.constant(0)]),
  ]);
  const acts = b.op('Where', [isKept, z, b.constant(0)]);
  const error = b.op('Sub', [product(acts, W_dec), xc]);
  const squares = b.op('ReduceSum', [b.op('Mul', [error, error])], {
    keepdims: 0,
  });
  b.op('Mul', [squares, b.constant(1 / (batchSize * variance))], {}, 'loss');
  const g = b.op('Mul', [error, b.constant(2 / (batchSize * variance))]);
  const dz = b.op('Where', [isKept, product(g, W_dec, { transB: 1 }), b.constant(0)]);
  const gDec = product(acts, g, { transA: 1 });
  const along = sumOver(b.op('Mul', [gDec, W_dec]), 1);
  const db = sumOver(dz, 0);
  const gradients = [
    product(dz, xc, { transA: 1 }),
    db,
    b.op('Sub', [gDec, b.op('Mul', [along, W_dec])]),
    b.op('Sub', [sumOver(g, 0), product(db, W_enc)]),
  ];
  const weighted = (value: string, factor: number) => b.op('Mul', [value, b.constant(factor)]);
  for (const [i, name] of NAMES.entries()) {
    const [p, m, v] = state[i] as [string, string, string];
    const gradient = gradients[i]!;
    const next = (part: string) => `${name}.${part} next`;
    const mean = b.op(
      'Add',
      [weighted(m, betas[0]), weighted(gradient, 1 - betas[0])],
      {},
      next('m'),
    );
    const square = weighted(b.op('Mul', [gradient, gradient]), 1 - betas[1]);
    const second = b.op('Add', [weighted(v, betas[1]), square], {}, next('v'));
    const size = b.op('Add', [b.op('Sqrt', [b.op('Mul', [second, secondScale])]), b.constant(eps)]);
    const change = b.op('Div', [b.op('Mul', [mean, rate]), size]);
    if (name !== 'W_dec') {
      b.op('Sub', [p, change], {}, next('p'));
      continue;
    }
    const stepped = b.op('Sub', [p, change]);
    const norms = b.op('Sqrt', [sumOver(b.op('Mul', [stepped, stepped]), 1)]);
    b.op('Div', [stepped, norms], {}, next('p'));
  }
  const { nodes, inputs, initialisers } = b.finish();
  const outputs = ['loss', ...NAMES.flatMap((name) => PARTS.map((part) => `${name}.${part} next`))];
  return formatOnnxModel(
    {
      name: 'step',
      // The builder gives a node one output; TopK must have its second.
      nodes: nodes.map((node) =>
        node.op === 'TopK' ? { ...node, outputs: [...node.outputs, 'indices'] } : node,
      ),
      inputs: [...inputs.values()],
      outputs: outputs.map((name) => ({
        name,
        type: 'float32' as const,
        shape: null,
      })),
      initialisers: [...initialisers].map(([name, value]): TensorRecord => {
        if (value.kind !== 'int64' && value.kind !== 'float32') throw new Error(name);
        const values =
          value.kind === 'int64' ? BigInt64Array.from(value.values, BigInt) : value.values;
        const bytes = new Uint8Array(values.buffer);
        return {
          name,
          type: value.kind,
          shape: value.shape,
          data: { kind: 'inline', bytes },
        };
      }),
    },
    OPSET,
  );
}
