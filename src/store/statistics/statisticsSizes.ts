// How many tokens a pass of statistics counts (interface.md 5). The bundled corpus is
// shorter than the longer one.
import type { DeviceFacts } from '../../engine/shared/api';

const PREVIEW = 65_536;
const QUICK = 524_288;

export const STATISTICS_SIZES: readonly { value: string; label: string }[] = [
  { value: String(PREVIEW), label: 'Preview, 65,536 tokens' },
  { value: String(QUICK), label: 'Whole text, up to 524,288 tokens' },
];

/** A pass that takes seconds: the whole corpus on a GPU, a part of it on the processor. */
export function defaultStatistics(device: DeviceFacts | null): number {
  return device?.saeBackend === 'cpu' ? PREVIEW : QUICK;
}
