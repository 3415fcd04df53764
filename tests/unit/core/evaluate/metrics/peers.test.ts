// Our metrics against those of the libraries that define them (tests/peers/metrics_goldens.py), wherever
// sae.md §10 says that the definitions are the same.
import { expect, it } from 'vitest';
import {
  addLanguage,
  finishLanguage,
  makeLanguageSums,
} from '../../../../../src/core/evaluate/metrics/languageMetrics';
import {
  addReconstruction,
  finishReconstruction,
  makeReconstructionSums,
} from '../../../../../src/core/evaluate/metrics/reconstructionMetrics';
import {
  addSparsity,
  finishSparsity,
  makeSparsitySums,
} from '../../../../../src/core/evaluate/metrics/sparsityMetrics';
import peers from '../../../../fixtures/metrics.json';
import '../../../../helpers/matchers';

const { d_in, d_sae, k, batch, saelens, sparsify, dictionaryLearning } = peers;
const tokens = peers.saeIn.length / d_in;

function reconstruction() {
  const sums = makeReconstructionSums(d_in);
  for (let first = 0; first < tokens; first += batch) {
    const rows = [first * d_in, (first + batch) * d_in] as const;
    addReconstruction(sums, peers.saeIn.slice(...rows), peers.saeOut.slice(...rows));
  }
  return finishReconstruction(sums);
}

it('reconstruction equals sparsify, SAELens and dictionary_learning', () => {
  const ours = reconstruction();
  const pairs: [number, number][] = [
    [ours.fvu, sparsify.fvu],
    [ours.explainedVariance, saelens.explained_variance],
    [ours.explainedVarianceLegacy, saelens.explained_variance_legacy],
    [ours.mse, saelens.mse],
    [ours.cosine, saelens.cossim],
    [ours.l2Ratio, saelens.l2_ratio],
    [ours.fracVarianceExplained, dictionaryLearning.frac_variance_explained],
    [ours.relativeReconstructionBias, dictionaryLearning.relative_reconstruction_bias],
  ];
  expect(pairs.map(([value]) => value)).toBeAllclose(
    pairs.map(([, peer]) => peer),
    { rtol: 1e-5, atol: 1e-5 },
  );
  // The legacy form is another number: equal values would mean that one of them is mislabelled.
  expect(Math.abs(ours.explainedVariance - ours.explainedVarianceLegacy)).toBeGreaterThan(0.01);
});

it('sparsity equals SAELens and dictionary_learning', () => {
  const sums = makeSparsitySums(d_sae);
  const code = {
    k,
    latentIndices: Uint32Array.from(peers.latentIndices),
    latentActs: Float32Array.from(peers.latentActs),
  };
  addSparsity(sums, code, tokens);
  const ours = finishSparsity(sums);
  expect(ours.l0).toBeCloseTo(saelens.l0, 5);
  expect(ours.l1).toBeCloseTo(saelens.l1, 4);
  expect(1 - ours.deadFractionEval).toBeCloseTo(dictionaryLearning.frac_alive, 6);
  expect([...sums.fireCount].map((fires) => fires / tokens)).toBeAllclose(saelens.feature_density);
});

it('cross-entropy equals torch, KL equals SAELens', () => {
  const sums = makeLanguageSums();
  const logits = {
    clean: Float32Array.from(peers.logits.clean),
    withSae: Float32Array.from(peers.logits.withSae),
    ablated: Float32Array.from(peers.logits.ablated),
  };
  addLanguage(sums, logits, {
    vocabSize: peers.vocabSize,
    rows: peers.targets.map((_, row) => row),
    targets: peers.targets,
  });
  const ours = finishLanguage(sums);
  expect(ours.ceClean).toBeCloseTo(peers.torchCrossEntropy.clean, 5);
  expect(ours.ceWithSae).toBeCloseTo(peers.torchCrossEntropy.withSae, 5);
  expect(ours.ceAblated).toBeCloseTo(peers.torchCrossEntropy.ablated, 5);
  expect(ours.klWithSae).toBeCloseTo(saelens.kl_div_with_sae, 5);
  expect(ours.klAblated).toBeCloseTo(saelens.kl_div_with_ablation, 5);
});
