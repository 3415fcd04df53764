// Whether something thrown says that a file of the page itself did not arrive: offline, the server closed, or a newer
// version put up in its place. Knows the words of the browsers, which have no error class of their own for it.

/** Chrome and Edge; Firefox; Safari; Vite's wait for a chunk's styles; ONNX Runtime's fetch of its wasm. */
const WORDS = [
  /failed to fetch dynamically imported module/i,
  /error loading dynamically imported module/i,
  /importing a module script failed/i,
  /unable to preload css/i,
  /fetching of the wasm failed/i,
];

export function isLoadFailure(thrown: unknown): boolean {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return WORDS.some((word) => word.test(message));
}

/** What to do then, as a sentence. */
export const LOAD_FAILURE_WAY_OUT =
  'Check the connection and try again. If nanoscope was updated meanwhile, reload the page; saved work is kept.';
