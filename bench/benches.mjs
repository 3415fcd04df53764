// Every bench by name: what it measures in one line, and the options of its smallest runs (`npm run bench -- NAME --smoke`),
// which only show that the command works; their figures mean nothing.

/** @typedef {{ name: string, about: string, smoke: (folder: string) => string[][] }} Bench
 *  smoke: one list of options per run; `folder` is an empty one for what a run writes. */

const TINY_TEXT = '256';

/** @type {readonly Bench[]} */
export const BENCHES = [
  {
    name: 'explore',
    about: 'the Explore screen in Chromium: dashboard, brush, frames of table and map',
    smoke: () => [['--json', '--copies', '1', '--clicks', '1', '--seconds', '0.1']],
  },
  {
    name: 'newcomer',
    about: 'the page in Chromium: clicks and seconds to the first things worth having',
    smoke: () => [['--json', '--rows', 'feature,distance']],
  },
  {
    name: 'start',
    about: 'the page in Chromium: until it can be used, shows a feature, and trains its first step',
    smoke: () => [['--json']],
  },
  {
    name: 'visit',
    about: 'the page in Chromium: second opening, main thread while a training begins',
    smoke: () => [['--json']],
  },
  {
    name: 'step',
    about:
      'one training step by every backend, by PyTorch where a Python is named, by browser libraries',
    smoke: () => [['--json', '--shape', 'tiny', '--rounds', '1', '--steps', '1']],
  },
  {
    name: 'packing',
    about: 'what it changes that every context begins with <|bos|>',
    smoke: () => [['--json', '--tokens', '1024', '--evaluate', TINY_TEXT]],
  },
  {
    name: 'trainStep',
    about: 'milliseconds of one training step on WebGPU, whole and by kernel',
    smoke: () => [['--rows', '64', '--d', '16', '--latents', '64', '--k', '4', '--steps', '1']],
  },
  {
    name: 'statistics',
    about: 'tokens a second and memory of one statistics pass of the demo SAE',
    smoke: () => [['--json', '--tokens', TINY_TEXT, '--collections', '1']],
  },
  {
    name: 'steer',
    about: 'what steering costs a token, from a slider to the next token, memory over many texts',
    smoke: () => [
      ['--json', '--tokens', '4', '--rounds', '1', '--texts', '1', '--generations', '5'],
    ],
  },
  {
    name: 'import',
    about: 'imports of every revision, a d20 on WebGPU, the second opening of the demo',
    smoke: () => [['--json', '--size', 'tiny', '--revisions', 'r5-grouped']],
  },
  {
    name: 'evaluate',
    about: 'the demo SAE evaluated with the model in the loop: the one-page report',
    smoke: () => [['--json', '--tokens', TINY_TEXT]],
  },
  {
    name: 'circuit',
    about:
      'attribution graphs of the demo: exactness, scores, prediction against ablation, seconds a graph',
    smoke: () => [
      [
        ...['--json', '--random', '32', '--prompts', '1', '--tokens', '6'],
        ...['--features', '6', '--nodes', '2'],
      ],
    ],
  },
  {
    name: 'quality',
    about: 'ours and the peers on the same activations, the dictionary; --demo: the demo recipe',
    smoke: (folder) => [
      [
        ...['--json', '--cache', folder, '--sides', 'ours,torch', '--architectures', 'topk'],
        ...['--tokens', '1024', '--latents', '64', '--seeds', '0', '--evaluate', TINY_TEXT],
        // Two thousand steps on a known dictionary are what tests/gpu trains anyway.
        ...['--gates', ''],
      ],
      ['--demo', '--json', '--tokens', '1024', '--evaluate', TINY_TEXT],
    ],
  },
  {
    name: 'demoCandidates',
    about:
      'SAEs that could be the demo’s, trained in one run and compared by what they are worth as one',
    smoke: () => [
      [
        ...['--json', '--candidates', '0x1', '--tokens', '1024'],
        ...['--evaluate', TINY_TEXT, '--guesses', TINY_TEXT],
      ],
    ],
  },
  {
    name: 'bakeDemo',
    about:
      'makes every file of the demo from a checkpoint: SAE, statistics, guesses, first reading',
    smoke: (folder) => [
      [
        ...['--sae', 'public/demo/sae', '--out', folder, '--cache', `${folder}/kept`],
        ...['--statistics', TINY_TEXT],
        ...['--guesses', TINY_TEXT, '--evaluate', TINY_TEXT],
        ...['--transcoderTokens', '2048', '--transcoderExpansion', '0.25', '--transcoderK', '4'],
        ...['--transcoderStatistics', TINY_TEXT, '--transcoderGuesses', TINY_TEXT],
        ...['--transcoderEvaluate', TINY_TEXT],
      ],
    ],
  },
  {
    name: 'demoTexts',
    about:
      'texts that features of the bundled SAE steer to, to be read before one is chosen for the demo',
    smoke: () => [['--json', '--features', '1', '--strengths', '0.2', '--length', '2']],
  },
  {
    name: 'shots',
    about: 'the pictures of the documentation, of the built page',
    smoke: (folder) => [['--out', folder, '--only', 'explore-cards']],
  },
  {
    name: 'looks',
    about:
      'pictures of every screen and state at every width, light and dark, and what axe finds there',
    smoke: (folder) => [['--out', folder, '--only', 'evaluate-empty', '--widths', '390']],
  },
  {
    name: 'fuzz',
    about: 'mutated files through every reader; fails where one crashes, hangs or asks too much',
    smoke: () => [['--files', '63', '--seed', '1']],
  },
];
