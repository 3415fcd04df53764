// The bundled corpus cut down to a thirty-second of its documents, so that a pass over the text takes seconds on a
// machine without a GPU. The engine reads it as it reads the whole one.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';

const FILE = join(import.meta.dirname, '../../../public/demo/corpus.jsonl');
/** Of every so many documents one is kept: about 13,000 tokens. */
const EVERY = 32;

/** For the page that opens next. */
export async function serveShortCorpus(page: Page): Promise<void> {
  const lines = readFileSync(FILE, 'utf8').split('\n');
  const body = lines.filter((_, i) => i % EVERY === 0).join('\n');
  await page.route('**/demo/corpus.jsonl', (route) => route.fulfill({ body }));
}
