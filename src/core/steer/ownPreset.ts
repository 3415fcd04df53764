// A preset of one's own: a setup, prompt and sampling of Steer under a name, as a link.

export type OwnPreset = { id: string; name: string; hash: string };

/** Stored ones are read as foreign data. */
export function isOwnPreset(entry: unknown): entry is OwnPreset {
  if (typeof entry !== 'object' || entry === null) return false;
  const { id, name, hash } = entry as Record<string, unknown>;
  const isText = typeof id === 'string' && typeof name === 'string' && typeof hash === 'string';
  return isText && hash.startsWith('#');
}
