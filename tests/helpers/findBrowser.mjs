// Finds what the tests need on this machine: a full Chromium, and a Vulkan driver for Dawn in Node.
// Order: CHROME_PATH, Playwright's own download, the system's.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
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

/** Environment that lets Dawn in Node find a software Vulkan driver: lavapipe of Mesa 24 or newer, else
 *  the SwiftShader that lies beside Chromium. Empty where the caller has set one or has a GPU to use.
 *  @param {string | null} browser @returns {Record<string, string>} */
export function vulkanEnvironment(browser) {
  if (process.env.VK_DRIVER_FILES || process.platform !== 'linux') return {};
  if (['/dev/dri/renderD128', '/dev/nvidia0'].some((path) => existsSync(path))) return {};
  const lavapipe = ['lvp_icd.json', 'lvp_icd.x86_64.json', 'lvp_icd.aarch64.json']
    .map((name) => join('/usr/share/vulkan/icd.d', name))
    .find((path) => existsSync(path));
  if (lavapipe !== undefined && mesaMajor() >= 24) return { VK_DRIVER_FILES: lavapipe };
  for (const folder of chromiumFolders(browser)) {
    const swiftshader = join(folder, 'vk_swiftshader_icd.json');
    if (existsSync(swiftshader)) {
      // libvulkan.so.1 lies beside it, for machines without a Vulkan loader.
      const paths = [folder, process.env.LD_LIBRARY_PATH].filter((path) => path);
      return { VK_DRIVER_FILES: swiftshader, LD_LIBRARY_PATH: paths.join(':') };
    }
  }
  return {};
}

/** @param {string | null} browser */
function chromiumFolders(browser) {
  return [
    ...(browser === null ? [] : [dirname(browser)]),
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
    '/opt/google/chrome',
  ];
}

/** Major version of the installed Mesa, read off its LLVM-named library's package; 0 when unknown. */
function mesaMajor() {
  const query = spawnSync('dpkg-query', ['-W', '-f', '${Version}', 'mesa-vulkan-drivers'], {
    encoding: 'utf8',
  });
  const fromDpkg = /^(?:\d+:)?(\d+)/.exec(query.stdout ?? '');
  if (fromDpkg !== null) return Number(fromDpkg[1]);
  const folder = '/usr/lib64';
  const library = existsSync(folder)
    ? readdirSync(folder).find((name) => /^libgallium-\d+/.test(name))
    : undefined;
  return Number(/^libgallium-(\d+)/.exec(library ?? '')?.[1] ?? 0);
}
