// The user's stored presets, read as untrusted data. Pure.
import { isOwnPreset, type OwnPreset } from '../../core/steer/ownPreset';

export const MAX_PRESETS = 200;

/** Those that can be read. */
export function readPresets(stored: unknown): OwnPreset[] {
  if (!Array.isArray(stored)) return [];
  return stored
    .filter(isOwnPreset)
    .slice(0, MAX_PRESETS)
    .map(({ id, name, hash }) => ({ id, name, hash }));
}

/** What is to be stored: these, and what could not be read of what is stored. */
export function withPresets(stored: unknown, presets: readonly OwnPreset[]): unknown[] {
  const all = Array.isArray(stored) ? (stored as unknown[]) : stored === undefined ? [] : [stored];
  return [...presets, ...all.filter((entry) => !isOwnPreset(entry))];
}
