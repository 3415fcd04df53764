// The address that the Share dialog gives away, and what is to be said of it.
import { useEffect, useState } from 'react';
import { counted } from '../../core/text/counted';
import { SOFT_LINK, type SharedContent } from '../../core/share/sharedContent';
import type { Outcome } from '../../engine/shared/api';
import type { FullLink } from '../../store/share/giveActions';
import { count } from '../parts/text/numberText';
import { useActions } from '../storeContext';

export type AddressState =
  | { kind: 'making' }
  /** carried: what of the content had room; null: it is of the place only */
  | { kind: 'made'; url: string; notes: string[]; carried: SharedContent | null }
  | { kind: 'failed'; what: string };

/** content null: of the place only. */
export function useAddress(content: SharedContent | null, keepsText: boolean): AddressState {
  const actions = useActions();
  const [full, setFull] = useState<{
    of: SharedContent;
    keepsText: boolean;
    link: Outcome<FullLink | null>;
  } | null>(null);
  const base = window.location.href.replace(/#.*$/s, '');
  useEffect(() => {
    if (content === null) return;
    let isWanted = true;
    void actions.share.give.link(content, { base, keepsText }).then((link) => {
      if (isWanted) setFull({ of: content, keepsText, link });
    });
    return () => {
      isWanted = false;
    };
  }, [actions, content, keepsText, base]);
  if (content === null) {
    const { hash, leftOut } = actions.share.write();
    const notes = leftOut.length === 0 ? [] : [`It leaves out ${leftOut.join(' and ')}.`];
    return { kind: 'made', url: base + hash, notes, carried: null };
  }
  if (full?.of !== content || full.keepsText !== keepsText) return { kind: 'making' };
  if (!full.link.ok) return { kind: 'failed', what: full.link.problem.what };
  const link = full.link.value;
  if (link === null) {
    return {
      kind: 'failed',
      what: 'Too long for a link, which has at most 8,000 characters: save a file.',
    };
  }
  const url = base + link.hash;
  return { kind: 'made', url, notes: notesOf(url, content, link.carried), carried: link.carried };
}

function notesOf(url: string, content: SharedContent, carried: SharedContent): string[] {
  const notes: string[] = [];
  if (url.length > SOFT_LINK) {
    notes.push(
      `${count(url.length)} characters: some programs cut links as long as that. A file is safe.`,
    );
  }
  const examples = examplesOf(carried);
  const isFewer = examples.length > 0 && examples.length < examplesOf(content).length;
  if (isFewer || carried.features.length < content.features.length) {
    const features = carried.features.length;
    const most = Math.max(...carried.features.map((one) => one.examples.length));
    const each = `at most ${counted(most, 'example')}`;
    const examplesText = most === 0 ? '' : ` with ${each}${features === 1 ? '' : ' each'}`;
    notes.push(
      `The link has room for ${counted(features, 'feature')}${examplesText}. A file has more.`,
    );
  }
  const hadLeads = examplesOf(content).some(({ lead }) => lead !== null);
  if (hadLeads && examples.length > 0 && examples.every(({ lead }) => lead === null)) {
    notes.push(
      'There was no room for what stands before its snippets: it can be seen, but not computed again. A file can.',
    );
  }
  return notes;
}

function examplesOf({ features }: SharedContent) {
  return features.flatMap((feature) => feature.examples);
}
