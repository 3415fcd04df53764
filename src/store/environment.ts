// What the store needs from its environment, so that a test can replace it. No DOM types here.
import type { FirstReading } from '../core/explore/firstReading';

export type StorageRoom = { used: number; quota: number; isPersistent: boolean };

export type Environment = {
  /** milliseconds */
  now: () => number;
  /** whole numbers in [0, 2^32) */
  randomSeed: () => number;
  readHash: () => string;
  /** isNewPlace: the address before it stays one step back; otherwise it is replaced */
  writeHash: (hash: string, isNewPlace: boolean) => void;
  /** The hash that will be written shortly, so that a reload before that opens it too. */
  planHash: (hash: string) => void;
  /** The reading of the bundled text that ships with the page; rejects if it does not arrive. */
  readFirstReading: () => Promise<FirstReading>;
  /** This browser's storage, bytes; null where it does not tell. */
  readRoom: () => Promise<StorageRoom | null>;
  /** Asks the browser not to clear it by itself; false: it refused. */
  keepStorage: () => Promise<boolean>;
  /** Resolves when the page has nothing to draw or to answer just now. */
  whenIdle: () => Promise<void>;
  /** Calls back when the hash was changed from outside. */
  onHashChange: (listener: () => void) => void;
  /** Calls back when the page is being hidden or left: the last chance to save. May call more than once. */
  onHidden: (listener: () => void) => void;
  /** Runs later; the result cancels it. */
  after: (milliseconds: number, run: () => void) => () => void;
  readSetting: (key: string) => string | null;
  writeSetting: (key: string, value: string) => void;
  /** Larger values of the page's own, kept between visits; undefined where there are none. */
  readStored: (key: string) => Promise<unknown>;
  /** Writes what `change` makes of the stored value; nobody, of another tab either, writes in between. */
  changeStored: (key: string, change: (value: unknown) => unknown) => Promise<void>;
  /** another page that is not this site's has it in a frame */
  isFramedByOthers: boolean;
  /** the visitor asked the browser to save data */
  savesData: boolean;
};
