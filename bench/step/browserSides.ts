// Ours and other libraries in one Chromium, as sides of `npm run bench -- step --peers`: a page of their own, built with the
// packages of bench/peers, which are installed there when they are first asked for.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from '@playwright/test';
import { build, preview } from 'vite';
import { ISOLATION } from '../../pagePolicy';
import config from '../../playwright.config';
import { compiledKernels } from '../../wasm/compile.mjs';
import type { OpenRequest, SideAnswer, StepsRequest } from '../peers/sideWorker';
import type { Side } from './side';

const FOLDER = join(import.meta.dirname, '../peers');

/** Ours first. */
export const BROWSER_SIDES = [
  ...['cpu', 'cpu-1', 'webgpu'],
  ...['ort-wasm', 'tfjs-wasm', 'tfjs-webgpu', 'jax-js-wasm', 'jax-js-webgpu'],
];

/** Those of `names` that work here, called `browser:NAME`; the others are told and left out. */
export async function openBrowserSides(
  names: readonly string[],
  o: { shape: string; steps: number },
): Promise<Side[]> {
  if (!existsSync(join(FOLDER, 'node_modules'))) {
    console.error('step: installing the libraries to compare with in bench/peers (some 90 MB)');
    const { status } = spawnSync('npm', ['ci', '--prefix', FOLDER], { stdio: 'inherit' });
    if (status !== 0) throw new Error('step: npm ci failed in bench/peers');
  }
  const outDir = await mkdtemp(join(tmpdir(), 'nanoscope-peers-'));
  await build({
    configFile: false,
    root: FOLDER,
    logLevel: 'error',
    plugins: [compiledKernels()],
    worker: { format: 'es', plugins: () => [compiledKernels()] },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2023',
      minify: false,
      chunkSizeWarningLimit: 10_000,
    },
  });
  const server = await preview({
    configFile: false,
    root: FOLDER,
    build: { outDir },
    preview: { port: 4189, headers: ISOLATION },
  });
  const browser = await chromium.launch(config.use?.launchOptions ?? {});
  const page = await browser.newPage();
  page.setDefaultTimeout(0);
  await page.goto(server.resolvedUrls!.local[0]!);
  const sides: Side[] = [];
  for (const name of names) {
    const answer = await ask(page, name, { kind: 'open', side: name, ...o });
    if (answer.kind === 'opened') sides.push(sideOf(page, name, answer.facts));
    else console.error(`step: ${name} left out: ${answer.kind === 'failed' ? answer.why : ''}`);
  }
  const last = sides.at(-1);
  if (last !== undefined) {
    last.close = () => {
      void browser.close();
      void server.close();
      void rm(outDir, { recursive: true });
    };
  }
  return sides;
}

function sideOf(page: Page, name: string, facts: Record<string, unknown>): Side {
  let fvu = NaN;
  return {
    name: `browser:${name}`,
    steps: async (count) => {
      const answer = await ask(page, name, { kind: 'steps', count });
      if (answer.kind !== 'steps') throw new Error(`step: ${name}: ${JSON.stringify(answer)}`);
      fvu = answer.fvu;
      return { ms: answer.ms, cpuMs: null };
    },
    fvu: () => fvu,
    facts,
    close: () => undefined,
  };
}

function ask(page: Page, side: string, request: OpenRequest | StepsRequest): Promise<SideAnswer> {
  return page.evaluate(
    ([name, told]) =>
      (globalThis as unknown as { ask: (side: string, o: unknown) => Promise<SideAnswer> }).ask(
        name,
        told,
      ),
    [side, request] as const,
  );
}
