// Features of the bundled SAE that a person chose by reading their examples, with names, strengths, and texts that were
// written at these strengths and read. Plain data of public/demo/sae/chosen.json; docs/demo.md tells how they were found.

type ChosenText = {
  prompt: string;
  seed: number;
  /** what followed the prompt, unsteered and steered, by the same seed */
  without: string;
  with: string;
};

export type ChosenFeature = {
  latentIndex: number;
  /** the person's name for it */
  label: string;
  /** what its examples have in common, in a sentence */
  why: string;
  /** multiple of its largest activation to add: within the useful zone of its dial, and past no warning */
  strength: number;
  /** the text that shows it best */
  text: ChosenText;
};
