// The page's terms and their meaning. Docs and code use the same terms.

export const GLOSSARY: readonly { term: string; meaning: string }[] = [
  {
    term: 'SAE',
    meaning:
      'Sparse autoencoder: rewrites a model’s activations as a few strengths out of many directions, and back.',
  },
  {
    term: 'Feature, latent',
    meaning:
      'One of those directions. Code and papers say latent; what a feature means is a human’s guess.',
  },
  {
    term: 'Hook point',
    meaning: 'A named place in the model where activations are read, as blocks.2.hook_resid_post.',
  },
  {
    term: 'Residual stream',
    meaning: 'The running sum that every block of the model reads from and adds to.',
  },
  {
    term: 'Transcoder',
    meaning:
      'Reads what the MLP of a block reads and rebuilds what it writes, out of features: each is a step that the MLP takes. An SAE rebuilds what it reads.',
  },
  { term: 'k', meaning: 'Features kept for each token; all others are set to 0.' },
  {
    term: 'Expansion factor',
    meaning: 'Number of features divided by the width of the activations.',
  },
  { term: 'L0', meaning: 'Features that fire on a token, on average.' },
  {
    term: 'Explained variance',
    meaning:
      'Share of the activations’ variance that the SAE reproduces: 1 − Σ error² / Σ (activation − mean)².',
  },
  {
    term: 'Dead feature',
    meaning:
      'One that fires on none of the tokens counted: in training, those of a set stretch; in statistics and evaluations, all of theirs. The three figures differ.',
  },
  {
    term: 'Dense feature',
    meaning: 'One that fires on more than 10 % of the tokens counted, so that it says little.',
  },
  {
    term: 'AuxK loss',
    meaning:
      'Dead features try to reconstruct what the others missed, which makes them active again.',
  },
  {
    term: 'Resampling',
    meaning:
      'Dead features restart, pointed at inputs that the SAE reconstructs badly. For ReLU with rows of norm 1, and Gated.',
  },
  {
    term: 'Weight average',
    meaning: 'The SAE is exported with an average over its last steps instead of its last weights.',
  },
  { term: 'Density', meaning: 'Share of tokens on which a feature fires.' },
  {
    term: 'Max activation',
    meaning: 'Strongest firing in the statistics; the unit of the steering dial.',
  },
  {
    term: 'Direct-path logits',
    meaning:
      'Tokens a feature would promote or suppress if its direction went straight to the output, past all later layers.',
  },
  {
    term: 'Steering',
    meaning:
      'Adding a feature’s direction, times a strength, to the residual stream while text is made.',
  },
  {
    term: 'Cross-entropy (CE)',
    meaning:
      'How surprised the model is by the next token, in nats: clean, with the SAE’s output in place of the activations, and with zeros there.',
  },
  {
    term: 'CE recovered',
    meaning:
      '(CE zero − CE SAE) / (CE zero − CE clean). Zero ablation is drastic, so it flatters: read CE SAE − CE clean too.',
  },
  {
    term: 'FVU, NMSE, L1',
    meaning:
      'Fraction of variance unexplained; error relative to the activation’s own size; sum of a token’s activations.',
  },
  {
    term: 'Pareto front',
    meaning: 'The SAEs that no other one beats in both sparsity and quality.',
  },
  {
    term: 'k-sparse probing',
    meaning: 'Predicting a document’s label from k features alone, chosen by difference of means.',
  },
  {
    term: 'Log-probability',
    meaning: 'Natural logarithm of the probability the model gave a token; 0 is certain.',
  },
  {
    term: 'Slot',
    meaning:
      'One thing that is steered, with its dial: add pushes along a direction, set and cap fix how active it is or may be, scale multiplies its activation, ablate removes it.',
  },
  {
    term: '× max, × norm, raw',
    meaning:
      'Units of a dial: the strongest firing seen in the statistics; the length of the residual stream at that token; the stream’s own units.',
  },
  {
    term: '‖Δ‖ / ‖h‖',
    meaning:
      'Length of the edit relative to the length of what it edits. From about one half on, texts tend to become incoherent.',
  },
  {
    term: 'KL, surprise',
    meaning:
      'How far the steered model’s next-token probabilities are from the unsteered one’s on the same text; and how unlikely the unsteered model finds the token. Both in nats.',
  },
];
