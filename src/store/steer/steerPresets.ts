// The user's stored presets, read as untrusted data. Pure.
import type { OwnPreset } from './steerState';

export const MAX_PRESETS = 200;

/** Invalid entries are left out. */
export function readPresets(stored: unknown): OwnPreset[] {
  if (!Array.isArray(stored)) return [];
  return stored.slice(0, MAX_PRESETS).flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return [];
    const { id, name, hash } = entry as Record<string, unknown>;
    if (typeof id !== 'string' || typeof name !== 'string' || typeof hash !== 'string') return [];
    return hash.startsWith('#') ? [{ id, name, hash }] : [];
  });
}
