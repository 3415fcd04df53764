// npm run bench -- looks --out FOLDER [--only start,explore] [--widths 390,1440]
// Pictures of every screen and state of the built page at every width, light and dark, alone and joined to one sheet a
// state, for a person to look at (docs/looks.md says what was seen). Beside each sheet: what runs off the side or is cut, and what axe
// finds, and what the keyboard cannot reach, in every state; 720 × 450 is what a window of 1440 × 900 leaves at 200 % zoom. Last line: JSON.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BrowserContext, Page } from '@playwright/test';
import { axeFindings, beyondKeyboard } from '../tests/helpers/page/look';
import { makeWorkbench } from '../tests/helpers/page/workbench';
import { cutTexts } from './looks/cutTexts';
import { joinPictures } from './looks/joinPictures';
import type { LookState } from './looks/lookState';
import { STATES } from './looks/states';
import { withBuiltPage } from './page/builtPage';

const SCHEMES = ['light', 'dark'] as const;
const SIZES = [
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
  { width: 1024, height: 768 },
  { width: 1440, height: 900 },
  { width: 1920, height: 1080 },
  { width: 720, height: 450 },
] as const;
/** Dark is the same layout in other colours. */
const DARK_PICTURES: readonly number[] = [390, 1440];
/** A state that takes longer is reported, and the others are looked at. */
const REACH_MS = 180_000;

type Finding = { state: string; scheme: string; width: number; what: string };

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      out: { type: 'string', default: 'test-results/looks' },
      only: { type: 'string', default: '' },
      widths: { type: 'string', default: '' },
    },
  });
  const wanted = values.only.split(',').filter(Boolean);
  const widths = values.widths.split(',').filter(Boolean).map(Number);
  const states = STATES.filter(
    ({ name }) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)),
  );
  const sizes = SIZES.filter(({ width }) => widths.length === 0 || widths.includes(width));
  await mkdir(values.out, { recursive: true });
  const findings: Finding[] = [];
  await withBuiltPage(async (openContext) => {
    for (const state of states) {
      const context = await openContext({ viewport: SIZES[3], reducedMotion: 'reduce' });
      const found = await lookAt(context, state, sizes, values.out);
      findings.push(...found);
      console.log(`${state.name}: ${found.length === 0 ? 'nothing found' : ''}`);
      for (const { scheme, width, what } of found) console.log(`  ${scheme} ${width}: ${what}`);
      await context.close();
    }
  });
  await writeFile(join(values.out, 'findings.json'), JSON.stringify(findings, null, 1));
  console.log(JSON.stringify({ states: states.length, findings: findings.length }));
}

async function lookAt(
  context: BrowserContext,
  state: LookState,
  sizes: readonly { width: number; height: number }[],
  out: string,
): Promise<Finding[]> {
  const page = await context.newPage();
  page.setDefaultTimeout(REACH_MS);
  try {
    await state.reach(page, makeWorkbench(page, { patience: REACH_MS }));
  } catch (error) {
    await page.screenshot({ path: join(out, `${state.name}-not-reached.png`) });
    const what = `not reached: ${error instanceof Error ? error.message.split('\n')[0] : ''}`;
    return [{ state: state.name, scheme: '', width: 0, what }];
  }
  const findings: Finding[] = [];
  const pictures: Buffer[] = [];
  for (const scheme of SCHEMES) {
    for (const size of sizes) {
      await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      const unreached = await page.evaluate(beyondKeyboard);
      const found = [
        ...(await page.evaluate(cutTexts)),
        ...(await axeFindings(page)),
        ...unreached.map((what) => `out of the keyboard's reach: ${what}`),
      ];
      for (const what of found) {
        findings.push({ state: state.name, scheme, width: size.width, what });
      }
      if (scheme === 'light' || DARK_PICTURES.includes(size.width)) {
        const taken = await picture(page, size, state.isLong === true ? 4 : 2);
        await writeFile(join(out, `${state.name}-${size.width}-${scheme}.png`), taken);
        pictures.push(taken);
      }
    }
  }
  const sheet = await joinPictures(page.context(), pictures);
  await writeFile(join(out, `${state.name}.png`), sheet);
  return findings;
}

/** The whole page, as far as a person scrolls. windows: how many of its height at most. */
async function picture(
  page: Page,
  size: { width: number; height: number },
  windows: number,
): Promise<Buffer> {
  await page.evaluate(() => {
    scrollTo(0, 0);
  });
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  const clip = { x: 0, y: 0, width: size.width, height: Math.min(height, windows * size.height) };
  return page.screenshot({ fullPage: true, clip, animations: 'disabled' });
}
