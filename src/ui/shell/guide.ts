// The pages of docs/guide, in the order in which they are offered: Help and the built guide (guidePages.ts) share it.

export const GUIDE = [
  { page: 'start', title: 'Five minutes from a clone to a feature' },
  { page: 'import', title: 'Your own nanochat' },
  { page: 'choosing', title: 'How large, how sparse' },
  { page: 'dashboard', title: 'Reading a dashboard' },
  { page: 'figures', title: 'What the numbers mean' },
  { page: 'steering', title: 'Steering well' },
  { page: 'sizing', title: 'Memory and time' },
  { page: 'troubleshooting', title: 'Troubleshooting' },
  { page: 'glossary', title: 'Words' },
  { page: 'training', title: 'Watching a nanochat learn' },
  { page: 'headless', title: 'Without a page: every command' },
  { page: 'notebook', title: 'Notebook: four programs to run here' },
  { page: 'formats', title: 'Formats' },
  { page: 'names', title: 'Names elsewhere, names here' },
  { page: 'privacy', title: 'Privacy' },
  { page: 'citing', title: 'How to cite' },
] as const;

/** Of the page itself, wherever it is served. */
export function guideAddress(page: (typeof GUIDE)[number]['page']): string {
  return `./docs/guide/${page}.html`;
}
