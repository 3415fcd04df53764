// The page as it is in this folder, built, served on loopback and opened in a Chromium with the flags of the e2e tests.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type BrowserContextOptions } from '@playwright/test';
import { build, preview } from 'vite';
import config from '../../playwright.config';

/** Tried first; the next free one is taken where it is not. */
const PORT = 4179;

/** A folder with the page as it is now, where somebody has built it already: tests/run.mjs has. */
const BUILT = process.env['BUILT_PAGE'];

/** Builds and serves while `use` runs; each context is a browser that was never here. */
export async function withBuiltPage<T>(
  use: (openContext: (o?: BrowserContextOptions) => Promise<BrowserContext>) => Promise<T>,
): Promise<T> {
  const outDir = BUILT ?? (await buildPage());
  const server = await preview({
    build: { outDir },
    preview: { port: PORT, strictPort: false },
  });
  const browser = await chromium.launch(config.use?.launchOptions ?? {});
  try {
    const baseURL = server.resolvedUrls?.local[0];
    if (baseURL === undefined) throw new Error('the built page is served nowhere');
    return await use(async (o) => {
      const context = await browser.newContext({ baseURL, serviceWorkers: 'block', ...o });
      // A slow machine is measured, not refused.
      context.setDefaultTimeout(0);
      return context;
    });
  } finally {
    await browser.close();
    await server.close();
    if (BUILT === undefined) await rm(outDir, { recursive: true });
  }
}

async function buildPage(): Promise<string> {
  // Elsewhere than dist: tests may be reading that.
  const outDir = await mkdtemp(join(tmpdir(), 'nanoscope-page-'));
  await build({ logLevel: 'error', build: { outDir, emptyOutDir: true } });
  return outDir;
}
