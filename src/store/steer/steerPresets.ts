// Own presets as they were stored, read as if a stranger had written them. Pure.
import type { OwnPreset } from './steerState';

export const MAX_PRESETS = 200;

/** What is no preset is left out. */
export function readPresets(stored: unknown): OwnPreset[] {
  if (!Array.isArray(stored)) return [];
  return stored.slice(0, MAX_PRESETS).flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return [];
    const { id, name, hash } = entry as Record<string, unknown>;
    if (typeof id !== 'string' || typeof name !== 'string' || typeof hash !== 'string') return [];
    return hash.startsWith('#') ? [{ id, name, hash }] : [];
  });
}
