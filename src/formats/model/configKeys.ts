// Keys of a model's configuration: one that changes the arithmetic but no tensor would open as another model,
// so a key that is not known here is refused by name, as nanochat's own GPTConfig(**kwargs) refuses it.
import { cutCharacters } from '../../core/text/cutCharacters';
import { FormatError } from '../../core/errors';
import { quote } from '../archives/byteRange';

/** names listed in one error sentence */
const MAX_LISTED = 8;

/** where: the file and the part of it that the keys stand in. `ignored`: further keys that change no number.
 *  `harmless`: further keys with the values that change nothing. Throws FormatError naming every other key with its value, and the keys that are known. */
export function refuseUnknownKeys(
  config: Readonly<Record<string, unknown>>,
  o: {
    known: readonly string[];
    ignored?: readonly string[];
    harmless?: Readonly<Record<string, readonly unknown[]>>;
    where: string;
  },
): void {
  const refused = Object.entries(config).filter(([key, value]) => {
    if (o.known.includes(key) || o.ignored?.includes(key) === true) return false;
    const passing = Object.hasOwn(o.harmless ?? {}, key) ? o.harmless?.[key] : undefined;
    // An empty list or object, which several configurations write for "none", is compared by its text.
    return passing?.some((one) => JSON.stringify(one) === JSON.stringify(value)) !== true;
  });
  if (refused.length === 0) return;
  const shown = refused
    .slice(0, MAX_LISTED)
    .map(([key, value]) => `${quote(key)}: ${cutCharacters(JSON.stringify(value), 80)}`);
  throw new FormatError(
    `${o.where} has keys that this version does not know (${shown.join(', ')}${refused.length > MAX_LISTED ? ' …' : ''}), so its numbers could be wrong; known keys: ${o.known.join(', ')}. Update nanoscope, or open a checkpoint of nanochat's main branch`,
  );
}
