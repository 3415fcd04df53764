// What the library asks of the place that it runs in, Node or a browser: an engine, and the files that a program names.
// Types only.
import type { ModelFacts } from './model/api';
import type { SaeFacts } from './sae/api';
import type { MachineChoice, Session } from './session';

/** Where files lie. In Node: a path. In a browser: an address, a folder that a person chose (`showDirectoryPicker`) or
 *  that the browser keeps (`navigator.storage.getDirectory`), or files, of which `webkitRelativePath` tells the folder. */
export type FilePlace = string | URL | FileSystemDirectoryHandle | readonly File[];

/** The demo that ships with nanoscope, as places to open. */
export type DemoPlaces = {
  /** of `InterpretableModel.open` */
  readonly checkpoint: string;
  /** of its option `data` */
  readonly text: string;
  /** of `Sae.open` */
  readonly sae: string;
};

type CheckpointRequest = {
  place: FilePlace;
  /** of several models_<step>.pt; absent: the latest */
  step?: number;
  /** taken where none lies near */
  tokenizer?: FilePlace;
};

type TextRequest = {
  /** absent: the text that lies beside the checkpoint, if one does */
  data?: FilePlace | undefined;
  /** key of .jsonl, column of .parquet */
  field?: string | undefined;
  /** where the checkpoint was opened */
  beside: FilePlace;
};

/** Every function throws ConfigError for a place of a kind that it has no files of, and says which kinds it has. */
export type Machine = {
  demo: DemoPlaces;
  openSession: (o: MachineChoice) => Promise<Session>;
  openCheckpoint: (session: Session, o: CheckpointRequest) => Promise<ModelFacts>;
  openText: (session: Session, o: TextRequest) => Promise<void>;
  openSae: (session: Session, place: FilePlace) => Promise<SaeFacts>;
  /** The place itself where it is an SAE's, or those in it, by name. */
  saesIn: (place: FilePlace) => Promise<readonly FilePlace[]>;
  /** The last part of its path. */
  nameOf: (place: FilePlace) => string;
  /** A file of a folder; null: there is none of that name. */
  read: (place: FilePlace, name: string) => Promise<Uint8Array<ArrayBuffer> | null>;
  /** Writes a file below a folder, which is made where it is missing; path: with "/". */
  write: (place: FilePlace, path: string, bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
  /** Whether `write` can write there. */
  isWritable: (place: FilePlace) => boolean;
  /** How to make an HTML page to fill. */
  pageMaker: () => Promise<(title: string) => Document>;
};
