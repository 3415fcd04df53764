// A test body on a real WebGPU device. Fails on any validation or memory error, frees what the body
// allocated, skips by name where there is no device (and fails there when CI is set).
import { expect, test } from 'vitest';
import type { Disposable, GpuCaps, GpuContext } from '../../../src/gpu/device/device';
import { sharedGpu } from './sharedGpu';

export type GpuTestOptions = {
  /** lowered caps, to force chunks */
  caps?: Partial<GpuCaps>;
  /** the adapter kind that binders are to believe in: 'gpu' takes the tiled variants */
  as?: 'gpu' | 'software';
  /** takes minutes and is left to `npm run test:long` */
  isLong?: boolean;
  /** skips by name where the adapter lacks shader-f16 */
  needsF16?: boolean;
};

export function gpuTest(
  name: string,
  body: (context: GpuContext) => Promise<void>,
  o: GpuTestOptions = {},
): void {
  test(name, async ({ skip }) => {
    if (o.isLong === true && process.env['LONG_TESTS'] === undefined) {
      skip('takes minutes: npm run test:long');
      return;
    }
    const shared = await sharedGpu();
    if (typeof shared === 'string') {
      if (process.env['CI'] !== undefined) throw new Error(`no WebGPU device in CI: ${shared}`);
      skip(`no WebGPU device: ${shared}`);
      return;
    }
    if (o.needsF16 === true && !shared.hasF16) {
      skip(`${shared.adapter} lacks shader-f16`);
      return;
    }
    await withErrorScopes(shared, o, body);
  });
}

async function withErrorScopes(
  shared: GpuContext,
  o: GpuTestOptions,
  body: (context: GpuContext) => Promise<void>,
): Promise<void> {
  const { device } = shared;
  const owned = new Set<Disposable>();
  const context: GpuContext = {
    ...shared,
    owned,
    caps: { ...shared.caps, ...o.caps },
    isSoftware: o.as === undefined ? shared.isSoftware : o.as === 'software',
  };
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('validation');
  try {
    await body(context);
    // Allocations of the body would otherwise outlive it unnoticed in the product, too.
    for (const set of [...owned]) set.dispose();
  } finally {
    for (const set of [...owned]) set.dispose();
    const errors = [await device.popErrorScope(), await device.popErrorScope()];
    expect(errors.map((error) => error?.message ?? null)).toEqual([null, null]);
  }
}
