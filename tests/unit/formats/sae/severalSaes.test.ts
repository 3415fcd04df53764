// How a drop of several SAEs is told apart by its paths.
import { expect, it } from 'vitest';
import { filesBySae } from '../../../../src/formats/sae/severalSaes';

const drop = (...paths: string[]) => paths.map((path) => ({ path, blob: new Blob([path]) }));
const found = (...paths: string[]) =>
  filesBySae(drop(...paths)).map(({ folder, files }) => [folder, files.map(({ path }) => path)]);

it('takes one SAE to a folder, in the order of the layers, and each file of OpenAI’s form for itself', () => {
  expect(
    found(
      'x/README.md',
      'x/layers.10/cfg.json',
      'x/layers.10/sae.safetensors',
      'x/layers.2/sae.safetensors',
      'x/layers.2/cfg.json',
      'x/trainer_0/ae.pt',
      'x/trainer_0/config.json',
      'x/autoencoders/5.pt',
      'x/autoencoders/6.pt',
    ),
  ).toEqual([
    ['x/autoencoders/5.pt', ['x/autoencoders/5.pt']],
    ['x/autoencoders/6.pt', ['x/autoencoders/6.pt']],
    ['x/layers.2', ['x/layers.2/sae.safetensors', 'x/layers.2/cfg.json']],
    ['x/layers.10', ['x/layers.10/cfg.json', 'x/layers.10/sae.safetensors']],
    ['x/trainer_0', ['x/trainer_0/ae.pt', 'x/trainer_0/config.json']],
  ]);
});

it('gives the list of a published folder along with each SAE below it', () => {
  expect(
    found(
      'p/nanoscope.json',
      'p/a/cfg.json',
      'p/a/sae_weights.safetensors',
      'p/b/cfg.json',
      'p/b/sae_weights.safetensors',
      'other/layers.2/sae.safetensors',
      'other/layers.2/nanoscope.json',
    ),
  ).toEqual([
    ['other/layers.2', ['other/layers.2/sae.safetensors', 'other/layers.2/nanoscope.json']],
    ['p/a', ['p/a/cfg.json', 'p/a/sae_weights.safetensors', 'p/nanoscope.json']],
    ['p/b', ['p/b/cfg.json', 'p/b/sae_weights.safetensors', 'p/nanoscope.json']],
  ]);
});

it.each([[['cfg.json', 'sae_weights.safetensors']], [['a/cfg.json', 'b/notes.txt']], [[]]])(
  'leaves a drop of one, or of none, as it is: %j',
  (paths) => {
    expect(found(...paths)).toEqual([['', paths]]);
  },
);
