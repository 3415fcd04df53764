// nanoscope.json, the list of what lies in a published folder: its SAEs, each file with its size and hash. What is read is
// other people's: paths stay inside the folder, sizes within what each kind of file can have.
import * as v from 'valibot';
import { FormatError } from '../../core/errors';
import { ARCHITECTURES } from '../../core/sae/architecture';
import { visibleText } from '../../core/text/visibleText';
import { cut } from '../archives/byteRange';
import { isPickle, saeFileLimit } from '../sae/saeFolder';
import { HookPointSchema } from './sharedRequest';

export const MANIFEST_FILE = 'nanoscope.json';
export const MAX_MANIFEST = 1024 * 1024;

const MAX_SAES = 500;
const MAX_FILES = 16;

const line = (most: number) =>
  v.pipe(
    v.string(),
    v.maxLength(most),
    v.transform((text) => visibleText(text.replace(/\s+/g, ' ').trim())),
  );
const whole = (low: number, high: number) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(low), v.maxValue(high));

/** Bytes that a file of this path may have; 0: nothing of ours is called so. */
function limitOf(path: string): number {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return isPickle(name) ? 0 : (saeFileLimit(path) ?? 0);
}

const File = v.pipe(
  v.object({
    /** from the folder; letters, digits, `_`, `-`, `.` between slashes, never upwards */
    path: v.pipe(
      v.string(),
      v.maxLength(200),
      v.regex(/^(?!.*\.\.)[\w-][\w.-]*(\/[\w-][\w.-]*)*$/),
    ),
    byteLength: whole(0, 2 ** 40),
    sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  }),
  v.check(({ path, byteLength }) => byteLength <= limitOf(path), 'no file of ours is as large'),
);

const Sae = v.object({
  saeId: line(120),
  name: line(60),
  hookPoint: HookPointSchema,
  d_in: whole(1, 2 ** 24),
  d_sae: whole(1, 2 ** 24),
  architecture: v.picklist(ARCHITECTURES),
  k: v.nullable(whole(1, 2 ** 24)),
  /** name~hash of its model */
  model: v.nullable(line(120)),
  /** of the statistics; null: the bundled text, or none */
  corpus: v.nullable(line(200)),
  files: v.pipe(v.array(File), v.minLength(1), v.maxLength(MAX_FILES)),
});

const Manifest = v.object({
  format: v.literal('nanoscope-folder'),
  version: v.literal(1),
  app: line(40),
  saes: v.pipe(v.array(Sae), v.minLength(1), v.maxLength(MAX_SAES)),
});

export type FolderFile = v.InferOutput<typeof File>;
export type FolderSae = v.InferOutput<typeof Sae>;
export type FolderManifest = v.InferOutput<typeof Manifest>;

export function formatManifest(manifest: FolderManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/** name: where it is from, for a sentence. Throws FormatError. */
export function parseManifest(text: string, name: string): FolderManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cut(cause.message) : '';
    throw new FormatError(`${name}: it is no JSON (${why})`, { cause });
  }
  const parsed = v.safeParse(Manifest, json, { abortEarly: true });
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const path = v.getDotPath(issue);
  throw new FormatError(
    `${name}: it is not what nanoscope writes into a published folder (${path === null ? '' : `${path}: `}${cut(issue.message)})`,
  );
}

export function fileCalled(sae: FolderSae, name: string): FolderFile | null {
  return sae.files.find(({ path }) => path.endsWith(`/${name}`) || path === name) ?? null;
}

/** Where an SAE lies in its folder. */
export function folderOf({ files }: Pick<FolderSae, 'files'>): string {
  const path = files[0]?.path ?? '';
  return path.slice(0, path.lastIndexOf('/'));
}
