// A cache of plans by key: the least recently used idle one is released when there are too many. Knows
// nothing about what a plan is.

export type Lease<T> = { value: T; release: () => void };

export type PlanCache<T> = {
  /** Creates the value or reuses the cached one; a failure is not cached. Release the lease. */
  acquire: (key: string, make: () => Promise<T>) => Promise<Lease<T>>;
  /** Frees every value, leased ones too, once their creation has ended. */
  dispose: () => Promise<void>;
};

type Entry<T> = { value: Promise<T>; leases: number };

/** `free` must not throw for a valid value. capacity ≥ 1; leased values may exceed it. */
export function makePlanCache<T>(
  capacity: number,
  free: (value: T) => Promise<void>,
): PlanCache<T> {
  /** in order of last use */
  const entries = new Map<string, Entry<T>>();

  const trim = async () => {
    for (const [key, entry] of entries) {
      if (entries.size <= capacity) return;
      if (entry.leases > 0) continue;
      entries.delete(key);
      await free(await entry.value);
    }
  };

  return {
    acquire: async (key, make) => {
      // Make room before creating the new one, so that both plans' weights need not fit together.
      const leased = entries.get(key) ?? {
        value: Promise.resolve().then(trim).then(make),
        leases: 0,
      };
      leased.leases++;
      entries.delete(key);
      entries.set(key, leased);
      try {
        const value = await leased.value;
        let isHeld = true;
        const release = () => {
          if (isHeld) leased.leases--;
          isHeld = false;
        };
        return { value, release };
      } catch (cause) {
        leased.leases--;
        if (entries.get(key) === leased) entries.delete(key);
        throw cause;
      }
    },
    dispose: async () => {
      const all = [...entries.values()];
      entries.clear();
      for (const entry of all) {
        const value = await entry.value.catch(() => null);
        if (value !== null) await free(value);
      }
    },
  };
}
