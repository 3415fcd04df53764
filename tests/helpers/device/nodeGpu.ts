// Dawn in Node: finds a Vulkan driver, opens WebGPU and keeps it alive. Knows nothing of kernels.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { openDawn } from '../../../src/node/dawn';

const LAVAPIPE = [
  '/usr/share/vulkan/icd.d/lvp_icd.json',
  '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json',
  '/usr/share/vulkan/icd.d/lvp_icd.aarch64.json',
];

/** Vulkan header of Mesa 24.0; older lavapipes miscompile compute (Debian 12 ships 22.3). */
const OLDEST_LAVAPIPE = 274;

/** Dawn on the driver that VK_DRIVER_FILES names, else the machine's GPU, else lavapipe, else a
 *  Chromium's SwiftShader. */
export async function openNodeGpu(): Promise<GPU | null> {
  const hasGpu = ['/dev/dri/renderD128', '/dev/nvidia0'].some((path) => existsSync(path));
  if (process.platform === 'linux' && !process.env['VK_DRIVER_FILES'] && !hasGpu) {
    const driver = findSoftwareDriver();
    if (driver !== null) process.env['VK_DRIVER_FILES'] = driver;
  }
  return await openDawn();
}

function findSoftwareDriver(): string | null {
  const lavapipe = LAVAPIPE.find((path) => existsSync(path) && isRecentLavapipe(path));
  return lavapipe ?? swiftShaderFiles().find((path) => existsSync(path)) ?? null;
}

function isRecentLavapipe(path: string): boolean {
  const version = /"api_version"\s*:\s*"1\.(\d+)\.(\d+)"/.exec(readFileSync(path, 'utf8'));
  if (version === null) return false;
  const [minor, patch] = [Number(version[1]), Number(version[2])];
  return minor > 3 || (minor === 3 && patch >= OLDEST_LAVAPIPE);
}

function swiftShaderFiles(): string[] {
  const cache = process.env['PLAYWRIGHT_BROWSERS_PATH'] ?? join(homedir(), '.cache/ms-playwright');
  const folders = [
    '/usr/lib/chromium',
    '/usr/lib/chromium-browser',
    '/opt/google/chrome',
    ...list(cache)
      .filter((name) => name.startsWith('chromium-'))
      .flatMap((name) => list(join(cache, name)).map((platform) => join(cache, name, platform))),
  ];
  return folders.map((folder) => join(folder, 'vk_swiftshader_icd.json'));
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
