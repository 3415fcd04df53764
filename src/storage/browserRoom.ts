// How much of this browser's storage is used, and whether the browser may clear it by itself.

/** Bytes. */
export type StorageRoom = { used: number; quota: number; isPersistent: boolean };

/** null where the browser does not tell: pages that are not secure, some private windows. */
export async function readStorageRoom(
  manager: StorageManager | undefined,
): Promise<StorageRoom | null> {
  if (manager === undefined) return null;
  try {
    const [{ usage, quota }, isPersistent] = await Promise.all([
      manager.estimate(),
      manager.persisted(),
    ]);
    return usage === undefined || quota === undefined ? null : { used: usage, quota, isPersistent };
  } catch {
    return null;
  }
}

/** Asks the browser not to clear it; false: it refused, or cannot. */
export async function keepStorage(manager: StorageManager | undefined): Promise<boolean> {
  try {
    return (await manager?.persist()) ?? false;
  } catch {
    return false;
  }
}

/** Most that activations of runs may take, bytes, and the share of the quota. */
const ACTIVATION_BYTES = 2 * 2 ** 30;
const ACTIVATION_SHARE = 0.1;

/** Bytes that activations of runs may take in all; 0 where the browser does not tell how much there is. */
export async function activationRoom(manager: StorageManager | undefined): Promise<number> {
  const room = await readStorageRoom(manager);
  return room === null ? 0 : Math.min(ACTIVATION_BYTES, ACTIVATION_SHARE * room.quota);
}
