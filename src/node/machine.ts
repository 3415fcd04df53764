// What the library asks of the place that it runs in, for Node: paths. A browser's is src/web/machine.ts; the field
// `imports` of package.json chooses between them.
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../core/errors';
import type { FilePlace, Machine } from '../engine/machine';
import { emptyPage } from './emptyPage';
import { localFile, readIn, writeIn } from './localFiles';
import { demoFolder } from './packageFolder';
import { openSaeFolder, saeFoldersIn } from './saeFolder';
import { openCheckpoint, openSession, openText, ownText, textPath } from './session';

function pathOf(place: FilePlace): string {
  if (typeof place === 'string') return place;
  if (place instanceof URL && place.protocol === 'file:') return fileURLToPath(place);
  const given = place instanceof URL ? place.href : 'a folder or files of a browser';
  throw new ConfigError(`path: ${given} was given; in Node, give a path`, 'path');
}

export const machine: Machine = {
  demo: {
    get checkpoint() {
      return join(demoFolder(), 'nanochat-d4');
    },
    get text() {
      return join(demoFolder(), 'corpus.jsonl');
    },
    get sae() {
      return join(demoFolder(), 'sae');
    },
  },
  openSession,
  openCheckpoint: async (session, { place, step, tokenizer }) =>
    openCheckpoint(session, {
      path: pathOf(place),
      ...(step !== undefined && { step }),
      ...(tokenizer !== undefined && { tokenizer: await localFile(pathOf(tokenizer)) }),
    }),
  async openText(session, { data, field, beside }) {
    const path =
      data === undefined ? ownText(pathOf(beside)) : textPath(pathOf(data), pathOf(beside));
    if (path !== null) await openText(session, path, field ?? null);
  },
  openSae: (session, place) => openSaeFolder(session, pathOf(place)),
  saesIn: (place) => saeFoldersIn(pathOf(place)),
  nameOf: (place) => basename(pathOf(place)),
  read: (place, name) => readIn(pathOf(place), name),
  write: (place, path, bytes) => writeIn(pathOf(place), path, bytes),
  isWritable: () => true,
  pageMaker: () => Promise.resolve(emptyPage),
};
