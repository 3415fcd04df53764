// Drives the page as a person would: by roles and labels, one method per intent.
import { expect as plainExpect, type Page } from '@playwright/test';

export type Screen = 'Start' | 'Explore' | 'Steer' | 'Train' | 'Evaluate' | 'Circuits' | 'Library';

export type TrainSettings = {
  hookPoint: string;
  expansionFactor: number;
  k: number;
  tokens: number;
  batchSize: number;
};

export type Workbench = ReturnType<typeof makeWorkbench>;

const phaseHeading = (phase: string) => new RegExp(` block \\d+ ${phase}$`);

/** patience: ms that something may take to come; absent: as the test runner has it. */
export function makeWorkbench(page: Page, { patience }: { patience?: number } = {}) {
  const expect = plainExpect.configure(patience === undefined ? {} : { timeout: patience });
  const main = page.getByRole('main');
  return {
    main,
    /** Opens the page; hash with its '#'. */
    async open(hash = '') {
      await page.goto(`/${hash}`);
    },
    goTo: (screen: Screen) =>
      page
        .getByRole('navigation', { name: 'Screens' })
        .getByRole('button', { name: screen })
        .click(),
    /** Whatever screen is shown: the top bar names the open model. */
    async waitForModel() {
      await expect(page.getByRole('button', { name: /^Model: .* layers$/ })).toBeVisible();
    },
    /** The Library with the demo model open: where one reads what it is, and lets it write. */
    async openModel() {
      await page.goto('/#v=1&view=library');
      await expect(main.getByText('7.34M')).toBeVisible();
    },
    /** In the top bar. */
    async chooseSae(name: RegExp) {
      await page.getByRole('button', { name: /^SAE: / }).click();
      await page.getByRole('group', { name: 'SAE' }).getByRole('button', { name }).first().click();
    },

    async generate(settings: { prompt: string; length: number }) {
      await main.getByLabel('Prompt', { exact: true }).fill(settings.prompt);
      const length = main.getByLabel('Length');
      // The sampling fields are folded on Steer.
      if (!(await length.isVisible())) await main.getByText(/^Temperature .* tokens, seed/).click();
      await length.fill(String(settings.length));
      await main.getByRole('button', { name: /^(Generate|Rerun)$/ }).click();
    },

    /** Unfolds what the Train screen has besides its four choices. */
    async openAdvanced() {
      const folded = main.getByText(/^Advanced: text, numbers, seed/);
      if (!(await main.getByLabel('Tokens', { exact: true }).isVisible())) await folded.click();
    },

    async fillTraining(settings: TrainSettings) {
      await this.openAdvanced();
      await main.getByLabel('Where').selectOption(settings.hookPoint);
      await main.getByLabel('Expansion factor').fill(String(settings.expansionFactor));
      await main.getByLabel('k', { exact: true }).fill(String(settings.k));
      await main.getByLabel('Tokens', { exact: true }).fill(String(settings.tokens));
      await main.getByLabel('Batch size').fill(String(settings.batchSize));
    },
    press: (name: string) => main.getByRole('button', { name, exact: true }).first().click(),
    /** The phase that the shown run names: preparing, training, paused, finished … */
    waitForPhase: (phase: string) =>
      expect(main.getByRole('heading', { name: phaseHeading(phase) })).toBeVisible(),
    isInPhase: (phase: string) =>
      main.getByRole('heading', { name: phaseHeading(phase) }).isVisible(),

    async openLatent(index: number) {
      await main.getByRole('searchbox').fill(String(index));
      const card = main.getByRole('article', { name: new RegExp(`^Feature ${index}: `) });
      await card.getByRole('button').first().click();
    },
    latentName: () => main.getByRole('heading', { name: /feature \d+$/ }),

    tokens: (list: string) => main.getByRole('list', { name: list }).getByRole('listitem'),
    laneText: (lane: 'Baseline' | 'Steered') =>
      main.getByRole('list', { name: `${lane} text` }).innerText(),
    slider: () => main.getByRole('slider', { name: 'Strength' }),
  };
}
