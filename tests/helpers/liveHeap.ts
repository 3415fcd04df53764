// What a Node process still holds: heap and what it holds outside after a collection. Without one, what is free to go
// would be counted too, and how much of it lies about is the collector's choice.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes of the JavaScript heap and of what its objects hold outside it, array buffers above all, that something
 *  still points to. */
export function liveHeapBytes(): number {
  collect();
  // `external` counts array buffers too.
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
