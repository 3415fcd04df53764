// Which SAE a reference means: in a command, a link, a preset or a record of an older version.
import { hashOfId } from '../contentId';

type Named = {
  saeId: string;
  otherIds?: string[];
  name: string;
  origin: 'demo' | 'trained' | 'imported';
};

/** ref: an id, its name or its hash, or `demo` for the first demo SAE. What an SAE is called today goes before
 *  what another version called it: several could share an older id. null: none. */
export function findSae<S extends Named>(saes: readonly S[], ref: string): S | null {
  const ids = ({ saeId, otherIds = [] }: Named) => [saeId, ...otherIds];
  const hash = hashOfId(ref);
  return (
    saes.find(({ saeId }) => saeId === ref) ??
    saes.find(({ otherIds }) => otherIds?.includes(ref) === true) ??
    saes.find(({ saeId }) => hashOfId(saeId) === hash) ??
    saes.find((sae) => ids(sae).some((id) => hashOfId(id) === hash)) ??
    saes.find(({ name }) => name === ref) ??
    (ref === 'demo' ? saes.find(({ origin }) => origin === 'demo') : undefined) ??
    null
  );
}

/** The SAE with exactly this content, under whatever name. */
export function findSameSae<S extends Named>(
  saes: readonly S[],
  made: Pick<Named, 'saeId' | 'otherIds'>,
): S | null {
  const hash = hashOfId(made.saeId);
  const former = (made.otherIds ?? []).map(hashOfId);
  return (
    saes.find(({ saeId }) => hashOfId(saeId) === hash) ??
    // Stored by an older version: its own id is the former one, today's is the other.
    saes.find(({ saeId, otherIds }) => {
      const isOlder = former.includes(hashOfId(saeId));
      return isOlder && otherIds?.some((id) => hashOfId(id) === hash) === true;
    }) ??
    null
  );
}
