// End-to-end tests run on the built page in a real, full Chromium (the headless shell has no WebGPU).
import { defineConfig } from '@playwright/test';
import { findBrowser } from './tests/helpers/findBrowser.mjs';

/** Another one where two runs share a machine. */
const PORT = Number(process.env['PLAYWRIGHT_PORT'] ?? 4178);

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results/e2e',
  // Bounds on what hangs, not on what is slow: a test passes on any machine that gets there.
  timeout: 900_000,
  expect: { timeout: 240_000 },
  // npm test runs the kernels beside them: two cores are busy with that.
  workers: 1,
  retries: 0,
  forbidOnly: process.env['CI'] !== undefined,
  webServer: {
    command: `npx --no-install vite preview --port ${PORT} --strictPort`,
    url: `http://127.0.0.1:${PORT}/`,
    reuseExistingServer: false,
  },
  use: {
    baseURL: `http://127.0.0.1:${PORT}/`,
    viewport: { width: 1440, height: 900 },
    // Tests stand in for the network; the one that is about it lets it work (offline.spec.ts).
    serviceWorkers: 'block',
    launchOptions: {
      ...optionalPath(findBrowser()),
      // SwiftShader gives WebGPU on machines without a GPU; the closed-network flags keep Chromium
      // from looking for its update servers.
      args: [
        '--headless=new',
        '--no-sandbox',
        '--enable-unsafe-webgpu',
        '--use-webgpu-adapter=swiftshader',
        '--ignore-gpu-blocklist',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});

function optionalPath(path: string | null) {
  return path === null ? {} : { executablePath: path };
}
