// Where the package lies: a clone of the repository, or what `npm install` unpacked.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of our package.json, above this file wherever it was bundled to. */
export function packageFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const { name } = JSON.parse(readFileSync(file, 'utf8')) as { name?: unknown };
      if (name === 'nanoscope') return folder;
    }
    const above = dirname(folder);
    if (above === folder) throw new Error('invariant: no package.json of nanoscope above its code');
    folder = above;
  }
}

/** The demo: as it lies in the repository, or in the built page that is published with the package. */
export function demoFolder(): string {
  const own = join(packageFolder(), 'public/demo');
  return existsSync(own) ? own : join(packageFolder(), 'dist/demo');
}
