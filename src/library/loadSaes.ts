// Many SAEs of one folder, opened when they are asked for, a few of them at a time.
import { machine } from '#machine';
import { ConfigError } from '../core/errors';
import type { FilePlace } from '../engine/machine';
import { Sae } from './sae';

/** SAEs by name, of which a few are in memory at a time. */
export type SaeCollection = {
  /** of their folders, in order */
  names: readonly string[];
  /** Opens it, unless it is among those that are held. Throws ConfigError for another name. */
  get: (name: string) => Promise<Sae>;
  /** One after the other, in the order of the names. */
  [Symbol.asyncIterator]: () => AsyncIterator<Sae>;
};

/** SAEs of a folder, or the one that it is; of an address only the latter. mostOpen: how many are held at once, each 8 · d_in · d_sae bytes; the one
 *  asked for longest ago goes. Reads no weights. Throws ConfigError where there is none. */
export async function loadSaes(
  dir: FilePlace,
  o: { mostOpen?: number } = {},
): Promise<SaeCollection> {
  const folders = await machine.saesIn(dir);
  const names = folders.map((folder) => machine.nameOf(folder));
  const most = Math.max(1, o.mostOpen ?? 4);
  const open = new Map<string, Promise<Sae>>();
  const get = (name: string): Promise<Sae> => {
    const folder = folders[names.indexOf(name)];
    if (folder === undefined) {
      return Promise.reject(
        new ConfigError(
          `${name}: not in ${machine.nameOf(dir)}; there are ${names.join(', ')}`,
          'name',
        ),
      );
    }
    const sae = open.get(name) ?? Sae.open(folder);
    open.delete(name);
    open.set(name, sae);
    // A failure is not held.
    sae.catch(() => open.delete(name));
    for (const oldest of open.keys()) {
      if (open.size <= most) break;
      open.delete(oldest);
    }
    return sae;
  };
  return {
    names,
    get,
    async *[Symbol.asyncIterator]() {
      for (const name of names) yield await get(name);
    },
  };
}
