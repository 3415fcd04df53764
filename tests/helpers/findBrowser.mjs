// Finds what the tests need on this machine: a full Chromium (CHROME_PATH, Playwright's own download, the
// system's), and a Vulkan loader for Dawn in Node.
import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { chromium } from '@playwright/test';

const SYSTEM_BROWSERS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

/** Path of a full Chromium, or null. @returns {string | null} */
export function findBrowser() {
  const named = process.env.CHROME_PATH;
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROME_PATH: no file at ${named}`);
    return named;
  }
  const candidates = [chromium.executablePath(), ...SYSTEM_BROWSERS];
  return candidates.find((path) => path !== '' && existsSync(path)) ?? null;
}

/** The browser, installed by Playwright where the machine has none. @returns {string} */
export function findOrInstallBrowser() {
  const found = findBrowser();
  if (found !== null) return found;
  console.log('no Chromium found: installing one with Playwright');
  const install = spawnSync('npx', ['playwright', 'install', '--with-deps', 'chromium'], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  const installed = install.status === 0 ? findBrowser() : null;
  if (installed === null) {
    throw new Error('no Chromium: install one, or set CHROME_PATH to the one you have');
  }
  return installed;
}

/** Dawn in Node needs the Vulkan loader; where the system has none, the one beside Chromium serves.
 *  @param {string | null} browser @returns {Record<string, string>} */
export function vulkanLoaderEnvironment(browser) {
  if (process.platform !== 'linux' || browser === null || hasSystemLoader()) return {};
  // Debian's /usr/bin/chromium is a script; the real one lies in /usr/lib.
  const folder = [dirname(realpathSync(browser)), '/usr/lib/chromium'].find((candidate) =>
    existsSync(join(candidate, 'libvulkan.so.1')),
  );
  if (folder === undefined) return {};
  const paths = [folder, process.env.LD_LIBRARY_PATH].filter((path) => path);
  return { LD_LIBRARY_PATH: paths.join(':') };
}

function hasSystemLoader() {
  const cache = spawnSync('ldconfig', ['-p'], { encoding: 'utf8' });
  return (cache.stdout ?? '').includes('libvulkan.so.1');
}
