// A dial's value as text, written and spoken. Pure.
import {
  dialStrength,
  zoneOf,
  type DialScale,
  type DialState,
  type Zone,
} from '../../../core/steer/steerDial';
import type { SteerMode, SteerUnit } from '../../../core/steer/steering';
import { measure, signed } from '../../parts/text/numberText';

export const MODE_WORDS: Readonly<Record<SteerMode, string>> = {
  add: 'Add',
  set: 'Set to',
  scale: 'Scale by',
  cap: 'Cap at',
  ablate: 'Ablate',
};

export const UNIT_WORDS: Readonly<Record<SteerUnit, string>> = {
  max: '× max',
  norm: '× norm',
  raw: 'raw',
};

const SPOKEN_UNITS: Readonly<Record<SteerUnit, string>> = {
  max: 'times max activation',
  norm: 'times residual norm',
  raw: 'residual units',
};

export const ZONE_WORDS: Readonly<Record<Zone, string>> = {
  plain: 'gentle',
  caution: 'strong',
  beyond: 'beyond the useful zone',
};

/** For screen readers: "plus 1.5 times max activation, 31 percent of residual norm". */
export function spokenDial(dial: DialState, scale: DialScale): string {
  const share = dialStrength(dial, scale);
  const beside = share === null ? '' : `, ${Math.round(100 * share)} percent of residual norm`;
  const muted = dial.isMuted ? 'muted, ' : '';
  return `${muted}${spokenValue(dial)}${beside}`;
}

function spokenValue({ mode, unit, value }: DialState): string {
  if (mode === 'ablate') return 'ablated';
  if (mode === 'scale') return `times ${Number(value.toFixed(2))}`;
  const size = `${Math.abs(Number(value.toFixed(3)))} ${SPOKEN_UNITS[unit]}`;
  if (mode === 'add' && value === 0) return 'neutral';
  const sign = value < 0 ? 'minus ' : mode === 'add' ? 'plus ' : '';
  return mode === 'add' ? `${sign}${size}` : `${MODE_WORDS[mode].toLowerCase()} ${sign}${size}`;
}

/** As a line of text: "+1.5 × max", "set to 0 × max", "off". */
export function writtenValue(mode: SteerMode, unit: SteerUnit, value: number | null): string {
  if (value === null) return 'off';
  if (mode === 'ablate') return 'ablated';
  if (mode === 'scale') return `×${Number(value.toFixed(2))}`;
  const number = unit === 'raw' ? measure(value) : signed(value);
  const verb = mode === 'add' ? '' : `${MODE_WORDS[mode].toLowerCase()} `;
  return `${verb}${number} ${UNIT_WORDS[unit]}`;
}

/** "31 % of the typical norm: gentle"; null if the scale is unknown. */
export function besideNorm(dial: DialState, scale: DialScale): { text: string; zone: Zone } | null {
  const share = dialStrength(dial, scale);
  if (share === null) return null;
  const zone = zoneOf(share);
  const most = dial.mode === 'add' ? '' : 'at most ';
  return { text: `${most}${Math.round(100 * share)} % of the typical norm`, zone };
}
