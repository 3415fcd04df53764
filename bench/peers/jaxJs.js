// @ts-nocheck -- its package is there only once the bench has installed it (package.json beside this file)
// The step in jax-js: as in TensorFlow.js masked at the k-th largest value and dense; topK is not jitted (there it is a
// sort of its own), all else is two jitted functions. Arrays are owned: `.ref` is one more use.
import { defaultDevice, init, jit, lax, numpy as np } from '@jax-js/jax';

/** @param {'wasm' | 'webgpu'} device @param {import('../step/trainingCase').PeerCase} one */
export async function openJaxJs(device, one) {
  const { d_in, d_sae, k, batchSize, betas, eps, rates, variance } = one;
  const found = await init(device);
  if (!found.includes(device)) throw new Error(`jax-js: no ${device}`);
  defaultDevice(device);
  const matrix = (data, shape) => np.array(data.slice(), { shape });
  const zeros = (shape) => np.zeros(shape);
  const parameters = [
    matrix(one.W, [d_sae, d_in]),
    zeros([1, d_sae]),
    matrix(one.W, [d_sae, d_in]),
    matrix(one.b_dec, [1, d_in]),
  ];
  const shapes = [
    [d_sae, d_in],
    [1, d_sae],
    [d_sae, d_in],
    [1, d_in],
  ];
  let state = parameters.map((p, i) => [p, zeros(shapes[i]), zeros(shapes[i])]);
  const batches = Array.from({ length: one.x.length / (batchSize * d_in) }, (_, i) =>
    matrix(one.x.subarray(i * batchSize * d_in, (i + 1) * batchSize * d_in), [batchSize, d_in]),
  );
  let done = 0;
  let fvu = NaN;

  const encode = jit((x, W_enc, b_enc, b_dec) =>
    np.matmul(x.sub(b_dec), np.transpose(W_enc)).add(b_enc),
  );
  const rest = jit((x, z, kth, state, rate, secondScale) => {
    const [[W_enc, mE, vE], [b_enc, mB, vB], [W_dec, mD, vD], [b_dec, mX, vX]] = state;
    const xc = x.sub(b_dec.ref);
    const isKept = np.greaterEqual(z.ref, kth).astype(np.float32);
    const isPositive = np.greater(z.ref, 0).astype(np.float32);
    const mask = isKept.mul(isPositive);
    const acts = z.mul(mask.ref);
    const error = np.matmul(acts.ref, W_dec.ref).sub(xc.ref);
    const loss = np.sum(error.ref.mul(error.ref)).mul(1 / (batchSize * variance));
    const g = error.mul(2 / (batchSize * variance));
    const dz = np.matmul(g.ref, np.transpose(W_dec.ref)).mul(mask);
    const gDec = np.matmul(np.transpose(acts), g.ref);
    const along = np.sum(gDec.ref.mul(W_dec.ref), 1, { keepdims: true });
    const db = np.sum(dz.ref, 0, { keepdims: true });
    const gradients = [
      np.matmul(np.transpose(dz), xc),
      db.ref,
      gDec.sub(along.mul(W_dec.ref)),
      np.sum(g, 0, { keepdims: true }).sub(np.matmul(db, W_enc.ref)),
    ];
    const adam = (p, m, v, gradient) => {
      const mean = m.mul(betas[0]).add(gradient.ref.mul(1 - betas[0]));
      const square = v.mul(betas[1]).add(gradient.ref.mul(gradient).mul(1 - betas[1]));
      const size = np.sqrt(square.ref.mul(secondScale.ref)).add(eps);
      return [p.sub(mean.ref.mul(rate.ref).div(size)), mean, square];
    };
    const next = [
      adam(W_enc, mE, vE, gradients[0]),
      adam(b_enc, mB, vB, gradients[1]),
      adam(W_dec, mD, vD, gradients[2]),
      adam(b_dec, mX, vX, gradients[3]),
    ];
    rate.dispose();
    secondScale.dispose();
    const stepped = next[2][0];
    const norms = np.sqrt(np.sum(stepped.ref.mul(stepped.ref), 1, { keepdims: true }));
    next[2][0] = stepped.div(norms);
    return [next, loss];
  });

  return {
    step: async () => {
      const began = performance.now();
      const x = batches[done % batches.length];
      const [[W_enc], [b_enc], , [b_dec]] = state;
      const z = encode(x.ref, W_enc.ref, b_enc.ref, b_dec.ref);
      const [values, indices] = lax.topK(z.ref, k);
      indices.dispose();
      const kth = values.slice([], [k - 1, k]);
      const rate = np.array(rates[done] / (1 - betas[0] ** (done + 1)));
      const secondScale = np.array(1 / (1 - betas[1] ** (done + 1)));
      const [next, loss] = rest(x.ref, z, kth, state, rate, secondScale);
      state = next;
      done++;
      fvu = (await loss.data())[0];
      return performance.now() - began;
    },
    fvu: () => fvu,
    facts: { by: `jax-js 0.1.25, ${device}, dense` },
    close: () => undefined,
  };
}
