#!/usr/bin/env node
// `nanoscope`. In a clone the bundle is built when it is first needed, and again when its sources are newer.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const BUNDLE = join(ROOT, 'dist-lib/cli.mjs');
const SOURCES = ['src', 'shaders', 'wasm', 'vite.lib.config.ts', 'package.json'];

if (existsSync(join(ROOT, 'src')) && isOlderThanSources()) await build();
await import(pathToFileURL(BUNDLE).href);

function isOlderThanSources() {
  if (!existsSync(BUNDLE)) return true;
  const built = statSync(BUNDLE).mtimeMs;
  return SOURCES.some((name) => newest(join(ROOT, name)) > built);
}

/** @param {string} path @returns {number} when the file, or the newest one below the folder, was changed */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  const below = readdirSync(path).map((name) => newest(join(path, name)));
  return Math.max(stat.mtimeMs, ...below);
}

async function build() {
  process.stderr.write('nanoscope: building the command line once …\n');
  const { build: viteBuild } = await import('vite');
  await viteBuild({ root: ROOT, configFile: join(ROOT, 'vite.lib.config.ts'), logLevel: 'error' });
}
