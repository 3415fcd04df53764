// How many tokens a pass of statistics counts (interface.md 5). The bundled corpus is
// shorter than the longer one.
import type { DeviceFacts } from '../../engine/shared/api';

const PREVIEW = 65_536;
const QUICK = 524_288;

/** unit: what is counted */
export function statisticsSizes(unit: 'token' | 'row'): { value: string; label: string }[] {
  const whole = unit === 'token' ? 'Whole text' : 'All rows';
  return [
    { value: String(PREVIEW), label: `Preview, 65,536 ${unit}s` },
    { value: String(QUICK), label: `${whole}, up to 524,288 ${unit}s` },
  ];
}

/** A pass that takes seconds: the whole corpus on a GPU, a part of it on the processor. */
export function defaultStatistics(device: DeviceFacts | null): number {
  return device?.saeBackend === 'cpu' ? PREVIEW : QUICK;
}
