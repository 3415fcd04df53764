// Notes of a person: kept per SAE, cut to their lengths, gone when empty.
import { expect, it } from 'vitest';
import { createNoteStore } from '../../../../src/engine/statistics/latentNotes';
import { createMemoryStorage } from '../../../../src/storage/memoryStorage';

const NOTE = { latentIndex: 3, label: 'dogs', note: 'puppies', tags: ['a'], isStarred: false };

it('keeps one note per latent and SAE, the newest', async () => {
  const notes = createNoteStore(createMemoryStorage());
  // At once: neither write may lose the other.
  await Promise.all([
    notes.set('sae', NOTE),
    notes.set('sae', { ...NOTE, latentIndex: 4 }),
    notes.set('sae', { ...NOTE, label: 'cats' }),
  ]);
  const kept = await notes.list('sae');
  expect(kept.map(({ latentIndex, label }) => [latentIndex, label])).toEqual([
    [4, 'dogs'],
    [3, 'cats'],
  ]);
  expect(await notes.list('other')).toEqual([]);
});

it('cuts texts to whole characters, and drops empty tags and notes', async () => {
  const notes = createNoteStore(createMemoryStorage());
  const long = await notes.set('sae', {
    ...NOTE,
    label: `${'x'.repeat(79)}🙂`,
    note: 'y'.repeat(3000),
    tags: [' a ', '', 'a', 'b'],
  });
  expect(long.label).toBe('x'.repeat(79));
  expect(long.note).toHaveLength(2000);
  expect(long.tags).toEqual(['a', 'b']);
  const empty = { ...NOTE, label: ' ', note: '\n', tags: [''] };
  await notes.set('sae', empty);
  expect(await notes.list('sae')).toEqual([]);
  await notes.set('sae', { ...empty, isStarred: true });
  expect(await notes.list('sae')).toHaveLength(1);
  await notes.forget('sae');
  expect(await notes.list('sae')).toEqual([]);
});

it('gives what a label would hide a sign (7.28)', async () => {
  const notes = createNoteStore(createMemoryStorage());
  const kept = await notes.set('sae', {
    ...NOTE,
    label: 'gnp\u202Eexe\u200B',
    note: 'first\n\u2066second',
    tags: ['a\u00ADb'],
  });
  expect(kept.label).toBe('gnp⟨U+202E⟩exe⟨U+200B⟩');
  expect(kept.note).toBe('first\n⟨U+2066⟩second');
  expect(kept.tags).toEqual(['a⟨U+00AD⟩b']);
});

it('begins with the notes that ship, which a person may change or empty for good', async () => {
  const storage = createMemoryStorage();
  const shipped = [NOTE, { ...NOTE, latentIndex: 9, label: 'birds' }];
  const bundled = (saeId: string) => Promise.resolve(saeId === 'demo' ? shipped : []);
  const open = () => createNoteStore(storage, bundled);
  expect(await open().list('demo')).toEqual(shipped);
  expect(await open().list('own')).toEqual([]);
  await open().set('demo', { ...NOTE, label: 'my dogs' });
  await open().set('demo', { latentIndex: 9, label: '', note: '', tags: [], isStarred: false });
  expect((await open().list('demo')).map(({ label }) => label)).toEqual(['my dogs']);
});
