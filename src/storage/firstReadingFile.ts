// Fetches the baked first reading. The page asks for it itself, at once, not through the worker: it is there to be
// painted while the worker still loads.
import { isFirstReading, type FirstReading } from '../core/explore/firstReading';
import { createHttpFileSource } from './demoFiles';
import { DownloadError } from './request';

const NAME = 'firstReading.json';

/** base: URL of the demo's folder, ending in "/". Throws DownloadError if it does not arrive or is of another
 *  version. */
export async function fetchFirstReading(base: string): Promise<FirstReading> {
  const [file] = await createHttpFileSource(base).fetchFiles([NAME], () => undefined);
  const found = parse((await file?.blob.text()) ?? '');
  if (!isFirstReading(found)) throw new DownloadError(`${NAME} is of another version: reload`);
  return found;
}

/** undefined if it is no JSON */
function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
