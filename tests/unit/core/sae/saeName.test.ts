// An SAE is called by what it is, unless somebody named it; its files keep the name that is made from its settings.
import { expect, it } from 'vitest';
import { importedFileName, saeName, trainedFileName } from '../../../../src/core/sae/saeName';

const settings = {
  hookPoint: 'blocks.2.hook_resid_post',
  d_sae: 2048,
  architecture: 'topk',
  k: 16,
} as const;
const facts = { ...settings, runId: 'run-3' };

it('names a trained SAE in plain words until somebody names it', () => {
  const name = trainedFileName(facts);
  expect(name).toBe('l2-resid_post-topk16-2048-run-3');
  expect(saeName({ ...facts, name, origin: 'trained' })).toBe('TopK 16, run 3');
  expect(saeName({ ...facts, name: 'mine', origin: 'trained' })).toBe('mine');
  const gated = { ...facts, architecture: 'gated', k: null } as const;
  const gatedName = trainedFileName(gated);
  expect(saeName({ ...gated, name: gatedName, origin: 'trained' })).toBe('Gated, run 3');
});

it('names an imported one by its kind, and the demo by its place', () => {
  const name = importedFileName(settings.hookPoint, settings.d_sae);
  expect(name).toBe('imported-l2-resid_post-2048');
  expect(saeName({ ...settings, name, origin: 'imported' })).toBe('imported TopK 16');
  expect(saeName({ ...settings, name: 'demo', origin: 'demo' })).toBe('demo SAE');
  const hookPoint = 'blocks.0.ln2.hook_normalized' as const;
  expect(saeName({ ...settings, hookPoint, name: 'demo', origin: 'demo' })).toBe('demo transcoder');
});
