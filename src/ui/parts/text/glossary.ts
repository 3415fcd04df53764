// The page's terms and their meaning: the one source of Help and of what shows at a term. Docs and code use the same terms.

export const GLOSSARY = [
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
    term: 'Token',
    meaning: 'A word or a piece of one: what the model reads and writes one at a time.',
  },
  {
    term: 'Activations',
    meaning:
      'The numbers that a model computes at a place for a token; of a feature, how strongly it fires.',
  },
  {
    term: 'MLP, attention',
    meaning:
      'The two parts of a block: attention fetches from earlier tokens, the MLP works on each token by itself.',
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
  {
    term: 'L0',
    meaning:
      'Features that fire on a token, on average. Fewer are easier to read, and explain less.',
  },
  {
    term: 'Loss',
    meaning:
      'What training makes small: how far the SAE’s output is from its input, and what the kind of SAE adds to that.',
  },
  {
    term: 'Explained variance',
    meaning:
      'Share of the activations’ variance that the SAE gives back: 1 − Σ‖x − x̂‖² / Σ‖x − x̄‖².',
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
    term: 'Kurtosis',
    meaning:
      'How rare and strong the strongest firings are, among all of them: 0 as for a normal distribution, more where a few stand out.',
  },
  {
    term: 'Cosine',
    meaning: 'How alike two directions are: 1 is the same, 0 has nothing in common.',
  },
  {
    term: 'PCA, UMAP',
    meaning:
      'Two ways to draw many directions on a plane: PCA keeps what varies most, UMAP keeps neighbours together.',
  },
  {
    term: 'Neighbours',
    meaning:
      'Features whose directions in the model are closest to this one: cosine 1 is the same direction, 0 has nothing in common.',
  },
  {
    term: 'Fires together',
    meaning:
      'φ is how closely the two go together, from −1 to 1, 0 as by chance. The percentage: how often the other one fires where this one does.',
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
      'How much of what the model loses without this place the SAE gives back: (CE zero − CE SAE) / (CE zero − CE clean). Zeros are drastic, so it flatters: read CE SAE − CE clean too.',
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
    term: 'Held-out',
    meaning: 'A tenth of the text that training never sees, to measure on.',
  },
  {
    term: 'Logit',
    meaning: 'A token’s score before scores become probabilities.',
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
    term: 'Size of the edit',
    meaning:
      '‖Δ‖ / ‖h‖: length of the edit relative to the length of what it edits. From about one half on, texts tend to become incoherent.',
  },
  {
    term: 'KL',
    meaning:
      'How far the steered model’s next-token probabilities are from the unsteered one’s on the same text, in nats: 0 is no difference.',
  },
  {
    term: 'Surprise',
    meaning:
      'How unlikely the unsteered model finds the tokens of the steered text, in nats a token.',
  },
  {
    term: 'Clip',
    meaning: 'An edit that would be longer than the stream itself is shortened to that length.',
  },
  {
    term: 'Precision',
    meaning:
      'Bits for each weight of the model: 32, 16, 8 or 4. Fewer take less memory and change what it predicts a little.',
  },
  {
    term: 'Largest buffer',
    meaning: 'The largest single piece of memory. A GPU refuses one beyond its limit.',
  },
  {
    term: 'Cache',
    meaning:
      'What attention keeps of every token so far; here for two texts as long as the model can read.',
  },
  {
    term: 'Working memory',
    meaning: 'What one pass through the model needs besides.',
  },
] as const satisfies readonly { term: string; meaning: string }[];

export type GlossaryTerm = (typeof GLOSSARY)[number]['term'];

const MEANINGS = new Map<GlossaryTerm, string>(
  GLOSSARY.map(({ term, meaning }) => [term, meaning]),
);

export function meaningOf(term: GlossaryTerm): string {
  return MEANINGS.get(term) ?? '';
}
