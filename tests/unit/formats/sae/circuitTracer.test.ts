// A set of transcoders for circuit-tracer: what its loader reads (tests/peers/circuits/read_transcoders.py runs it).
import { expect, it } from 'vitest';
import { readSafetensors } from '../../../../src/formats/archives/safetensors';
import { formatCircuitTracer } from '../../../../src/formats/sae/circuitTracer';
import { makeSaeParams } from '../../../helpers/cases';

const shape = { d_in: 6, k: 3, applyBDecToInput: false };
const make = (seed: number, d_sae: number) => ({ ...makeSaeParams({ seed, d_sae, ...shape }) });

it('has both matrices feature by feature, narrower blocks filled up with features that never fire', async () => {
  const [wide, narrow] = [make(1, 10), make(2, 8)];
  const files = formatCircuitTracer([wide, narrow], 'my "nanochat"');
  expect([...files.keys()]).toEqual(['layer_0.safetensors', 'layer_1.safetensors', 'config.yaml']);
  expect(new TextDecoder().decode(files.get('config.yaml'))).toBe(
    [
      'model_name: "my \\"nanochat\\""',
      'model_kind: transcoder_set',
      'feature_input_hook: ln2.hook_normalized',
      'feature_output_hook: hook_mlp_out',
      'scan: "my \\"nanochat\\""',
      'activation: topk',
      'k: 3',
      '',
    ].join('\n'),
  );
  const { tensors } = await readSafetensors(new Blob([files.get('layer_1.safetensors')!]));
  const read = (name: string) => tensors.get(name)!.read();
  expect([...tensors.values()].map(({ name, shape: of }) => [name, of])).toEqual(
    expect.arrayContaining([
      ['W_enc', [10, 6]],
      ['W_dec', [10, 6]],
      ['b_enc', [10]],
      ['b_dec', [6]],
    ]),
  );
  const [W_enc, W_dec] = [await read('W_enc'), await read('W_dec')];
  expect(W_enc[7 * 6 + 2]).toBe(narrow.W_enc[2 * 8 + 7]);
  expect(W_dec[7 * 6 + 2]).toBe(narrow.W_dec[7 * 6 + 2]);
  expect([...W_enc.subarray(48), ...W_dec.subarray(48)].every((value) => value === 0)).toBe(true);
  expect(await read('b_dec')).toEqual(narrow.b_dec);
});

it('refuses what one set cannot hold', () => {
  const other = { ...make(2, 10), k: 2 };
  expect(() => formatCircuitTracer([make(1, 10), other], 'm')).toThrow('k of 3 and 2');
});
