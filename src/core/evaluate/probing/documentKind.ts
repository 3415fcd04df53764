// What kind of text a document of the bundled corpus is, recognised by its template: labels for
// probing that need no download and no judge.

export const DOCUMENT_KINDS = ['dialogue', 'word problem', 'story', 'loose sentences'] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

/** Recognised by the document's beginning: "User:", "Question:", "Once upon …", anything else. */
export function documentKind(text: string): DocumentKind {
  if (text.startsWith('User:')) return 'dialogue';
  if (/^Questions?\b/.test(text)) return 'word problem';
  if (/^(Once upon|Once there|One day)\b/.test(text)) return 'story';
  return 'loose sentences';
}
