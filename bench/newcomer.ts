// npm run bench -- newcomer [--json] [--rows feature,steer,train,drop,distance,sight]
// How far a newcomer is from the first things worth having, in the rows of docs/design/page.md: a cold page of the built
// app in a Chromium that was never here, walked by real clicks. Prints clicks and seconds of each row beside its goal; of
// `distance` the pixels above the first feature, of `sight` whether slider and steered text are seen together on a phone,
// of `train` what the SAE of "One minute" explains on held-out text. Last line: JSON.
import { parseArgs } from 'node:util';
import type { Page } from '@playwright/test';
import { DEMO_MODEL } from '../tests/helpers/model/demoFiles';
import { makeNewcomer, PHONE, WIDTHS, type Newcomer } from '../tests/helpers/page/newcomer';
import { withBuiltPage } from './page/builtPage';

const DESKTOP = { width: 1440, height: 900 };
const STEER = '/#v=1&view=steer&sae=demo&steer=1894:add:1max&prompt=One+day,+a+little';

/** A slow machine is measured, not refused, ms. */
const PATIENCE = 1_800_000;

type Found = Readonly<Record<string, string | number | boolean>>;
type Row = {
  what: string;
  goal: string;
  viewport?: { width: number; height: number };
  walk: (newcomer: Newcomer, page: Page, secondsSince: () => number) => Promise<Found>;
};

const ROWS: Readonly<Record<string, Row>> = {
  feature: {
    what: 'a named feature with examples, on screen',
    goal: '0 clicks, 3 s',
    walk: async (newcomer, page) => {
      await page.goto('/');
      return { name: await newcomer.meetFeature() };
    },
  },
  steer: {
    what: 'steered text that differs',
    goal: '2 clicks, 15 s',
    walk: async (newcomer, page) => {
      await page.goto('/');
      return newcomer.steerText();
    },
  },
  train: {
    what: 'a feature of an SAE of my own',
    goal: '2 clicks, 90 s; explained variance 0.75',
    walk: async (newcomer, page, secondsSince) => {
      await page.goto('/');
      await newcomer.beginTraining();
      const begunAfter = secondsSince();
      await newcomer.awaitTraining();
      const endedAfter = secondsSince();
      const explainedVariance = await newcomer.readExplainedVariance();
      return { begunAfter, endedAfter, explainedVariance, name: await newcomer.openOwnFeature() };
    },
  },
  drop: {
    what: 'my own nanochat open',
    goal: '1 drop, 0 clicks',
    walk: async (newcomer, page) => {
      await page.goto('/');
      await newcomer.dropModel(DEMO_MODEL.names.map((name) => `${DEMO_MODEL.folder}/${name}`));
      return { drops: 1 };
    },
  },
  distance: {
    what: 'first row of features on Explore, from the top',
    goal: '160 px at every width',
    walk: async (newcomer, page) => {
      await page.goto('/#v=1&view=explore');
      const px: Record<string, number> = {};
      for (const width of WIDTHS) px[`at${width}`] = await newcomer.listDistance(width);
      return px;
    },
  },
  sight: {
    what: 'slider and steered text both in sight at 390 × 844',
    goal: 'true',
    viewport: PHONE,
    walk: async (newcomer, page) => {
      await page.goto('/');
      await newcomer.steerText();
      const onStart = await newcomer.seesSliderAndText();
      await page.goto(STEER);
      return { onStart, onSteer: await newcomer.seesDialAndLane() };
    },
  },
};

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      json: { type: 'boolean', default: false },
      rows: { type: 'string', default: Object.keys(ROWS).join(',') },
    },
  });
  const figures: Record<string, Found> = {};
  await withBuiltPage(async (openContext) => {
    for (const key of values.rows.split(',')) {
      const row = ROWS[key];
      if (row === undefined) {
        throw new Error(`newcomer: no row ${key}; there are ${Object.keys(ROWS).join(', ')}`);
      }
      const context = await openContext({ viewport: row.viewport ?? DESKTOP });
      const page = await context.newPage();
      const newcomer = makeNewcomer(page, { patience: PATIENCE });
      const started = performance.now();
      const secondsSince = () => Math.round((performance.now() - started) / 10) / 100;
      const found = await row.walk(newcomer, page, secondsSince);
      figures[key] = { clicks: newcomer.clicks(), seconds: secondsSince(), ...found };
      await context.close();
      if (!values.json) console.log(textOf(row, figures[key]));
    }
  });
  console.log(JSON.stringify(figures));
}

function textOf({ what, goal }: Row, found: Found): string {
  const figures = Object.entries(found).map(([name, value]) => `  ${name}: ${value}`);
  return [`${what} (goal: ${goal})`, ...figures].join('\n');
}
