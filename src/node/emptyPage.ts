// An empty HTML page where there is no browser: what exported pages are made in.
import { parseHTML } from 'linkedom';

export function emptyPage(title: string): Document {
  const { document } = parseHTML(
    '<!doctype html><html><head><title></title></head><body></body></html>',
  );
  document.title = title;
  return document;
}
