// What a reader does beside answering, counted while it reads: bytes it allocates, changes it makes to the
// prototypes that everything shares. Installed once in the thread of the fuzzer.

/** Bytes of buffers asked for since the last reset. */
export type Allocations = { reset: () => void; bytes: () => number };

const BUFFERS = [
  ...['ArrayBuffer', 'Uint8Array', 'Uint16Array', 'Uint32Array', 'Int8Array', 'Int16Array'],
  ...['Int32Array', 'Float32Array', 'Float64Array', 'BigInt64Array', 'BigUint64Array'],
] as const;

/** Counts every `new Uint8Array(n)` and its kind, `new Array(n)` and every Blob read from now on. */
export function watchAllocations(): Allocations {
  let bytes = 0;
  const globals = globalThis as unknown as Record<string, new (...args: unknown[]) => object>;
  const watch = (name: string, elementBytes: number) => {
    globals[name] = new Proxy(globals[name]!, {
      construct(target, args: unknown[], newTarget: NewableFunction) {
        const [first] = args;
        if (typeof first === 'number' && args.length === 1 && first > 0) {
          bytes += first * elementBytes;
        } else if (ArrayBuffer.isView(first)) bytes += first.byteLength;
        return Reflect.construct(target, args, newTarget) as object;
      },
    });
  };
  for (const name of BUFFERS) {
    const { BYTES_PER_ELEMENT = 1 } = globals[name] as { BYTES_PER_ELEMENT?: number };
    watch(name, BYTES_PER_ELEMENT);
  }
  watch('Array', 8);
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own this below
  const read = Blob.prototype.arrayBuffer;
  Blob.prototype.arrayBuffer = function arrayBuffer() {
    bytes += this.size;
    return read.call(this);
  };
  return {
    reset: () => {
      bytes = 0;
    },
    bytes: () => bytes,
  };
}

const SHARED = [
  ...[Object, Array, Function, String, Number, Boolean, Promise, RegExp, Error, Map, Set, Date],
  ...[ArrayBuffer, DataView, Uint8Array, Float32Array, Blob],
].map(({ name, prototype }) => ({ name, prototype: prototype as object }));

/** A check that says which shared prototype is not what it was, or null. */
export function watchPrototypes(): () => string | null {
  const before = SHARED.map(({ prototype }) => descriptors(prototype));
  return () => {
    const changed = SHARED.findIndex(({ prototype }, i) => {
      const now = descriptors(prototype);
      const old = before[i]!;
      return now.length !== old.length || now.some((entry, at) => entry !== old[at]);
    });
    return changed < 0 ? null : `${SHARED[changed]!.name}.prototype was changed`;
  };
}

function descriptors(prototype: object): unknown[] {
  return Reflect.ownKeys(prototype).flatMap((key) => {
    const d = Object.getOwnPropertyDescriptor(prototype, key);
    return [key, ...(Object.values(d ?? {}) as unknown[])];
  });
}
