// @ts-nocheck -- its packages are there only once the bench has installed them (package.json beside this file)
// The step in TensorFlow.js: z is masked at its k-th largest value and decoded densely (TopK has no gradient there), with
// the gradients written out by hand, which saves it the tape.
import * as tf from '@tensorflow/tfjs-core';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-webgpu';
import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';

/** @param {'wasm' | 'webgpu'} backend @param {import('../step/trainingCase').PeerCase} one */
export async function openTfjs(backend, one) {
  const { d_in, d_sae, k, batchSize, betas, eps, rates, variance } = one;
  const absolute = (path) => new URL(path, location.origin).href;
  setWasmPaths({
    'tfjs-backend-wasm.wasm': absolute(plain),
    'tfjs-backend-wasm-simd.wasm': absolute(simd),
    'tfjs-backend-wasm-threaded-simd.wasm': absolute(threaded),
  });
  setThreadsCount(navigator.hardwareConcurrency);
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs: no ${backend}`);
  await tf.ready();
  const W = tf.tensor2d(one.W, [d_sae, d_in]);
  const start = [W.clone(), tf.zeros([1, d_sae]), W, tf.tensor2d(one.b_dec, [1, d_in])];
  /** p, m, v of W_enc, b_enc, W_dec, b_dec */
  let state = start.map((p) => [p, tf.zerosLike(p), tf.zerosLike(p)]);
  let done = 0;
  let fvu = NaN;
  const x = tf.tensor2d(one.x, [one.x.length / d_in, d_in]);
  const rows = one.x.length / d_in;

  const compute = (first) => {
    const [W_enc, b_enc, W_dec, b_dec] = state.map(([p]) => p);
    const xc = tf.sub(tf.slice(x, [first, 0], [batchSize, d_in]), b_dec);
    const z = tf.add(tf.matMul(xc, W_enc, false, true), b_enc);
    const { values } = tf.topk(z, k, true);
    const kth = tf.slice(values, [0, k - 1], [batchSize, 1]);
    const mask = tf.logicalAnd(tf.greaterEqual(z, kth), tf.greater(z, 0));
    const acts = tf.where(mask, z, tf.zerosLike(z));
    const error = tf.sub(tf.matMul(acts, W_dec), xc);
    const loss = tf.div(tf.sum(tf.square(error)), batchSize * variance);
    const g = tf.mul(error, 2 / (batchSize * variance));
    const dz = tf.mul(tf.matMul(g, W_dec, false, true), tf.cast(mask, 'float32'));
    const gDec = tf.matMul(acts, g, true);
    const db = tf.sum(dz, 0, true);
    const gradients = [
      tf.matMul(dz, xc, true),
      db,
      tf.sub(gDec, tf.mul(tf.sum(tf.mul(gDec, W_dec), 1, true), W_dec)),
      tf.sub(tf.sum(g, 0, true), tf.matMul(db, W_enc)),
    ];
    const rate = rates[done] / (1 - betas[0] ** (done + 1));
    const secondScale = 1 / (1 - betas[1] ** (done + 1));
    const next = state.map(([p, m, v], i) => {
      const gradient = gradients[i];
      const mean = tf.add(tf.mul(m, betas[0]), tf.mul(gradient, 1 - betas[0]));
      const square = tf.add(tf.mul(v, betas[1]), tf.mul(tf.square(gradient), 1 - betas[1]));
      const size = tf.add(tf.sqrt(tf.mul(square, secondScale)), eps);
      const stepped = tf.sub(p, tf.div(tf.mul(mean, rate), size));
      const isDecoder = i === 2;
      const norms = isDecoder ? tf.sqrt(tf.sum(tf.square(stepped), 1, true)) : null;
      return [isDecoder ? tf.div(stepped, norms) : stepped, mean, square];
    });
    return { next, loss };
  };

  return {
    step: async () => {
      const began = performance.now();
      const { next, loss } = tf.tidy(() => compute((done * batchSize) % rows));
      tf.dispose(state);
      state = next;
      done++;
      fvu = (await loss.data())[0];
      loss.dispose();
      return performance.now() - began;
    },
    fvu: () => fvu,
    facts: { by: `TensorFlow.js ${tf.version_core}, ${backend}, dense` },
    close: () => undefined,
  };
}
