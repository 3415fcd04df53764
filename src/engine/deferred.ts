// Slices of the engine that a first screen does not ask: fetched when one of their commands is first called. Work that is
// heavy inside the other slices is imported by the function that does it.
import { once } from '../core/once';
import { toProblem } from './problems';
import type { Outcome } from './shared/api';

type Commands<T> = { [Name in keyof T]: (...args: never[]) => Promise<Outcome<unknown>> };

export type Deferral = {
  /** What `load` makes, with every command answering for a file that does not arrive; the next one asks again. */
  slice: <T extends Commands<T>>(load: () => Promise<T>) => T;
  /** Resolves when what was called so far has begun, so that what ends it finds it. */
  settled: () => Promise<void>;
};

export function makeDeferral(): Deferral {
  const loading = new Set<Promise<unknown>>();
  return {
    slice<T extends Commands<T>>(load: () => Promise<T>): T {
      let loaded: T | null = null;
      const get = once(async () => {
        loaded = await load();
        return loaded;
      });
      const call = async (name: keyof T, args: never[]): Promise<Outcome<unknown>> => {
        // As if it had always been there: without a turn between the call and its work.
        if (loaded !== null) return loaded[name](...args);
        const arriving = get();
        loading.add(arriving);
        let slice: T;
        try {
          slice = await arriving;
        } catch (cause) {
          return { ok: false, problem: toProblem(cause) };
        } finally {
          loading.delete(arriving);
        }
        return slice[name](...args);
      };
      // Only the names of commands are ever asked for.
      return new Proxy({} as T, {
        get:
          (_, name) =>
          (...args: never[]) =>
            call(name as keyof T, args),
      });
    },
    async settled() {
      while (loading.size > 0) await Promise.allSettled(loading);
    },
  };
}
