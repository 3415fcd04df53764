// Ten thousand links and payloads, each changed somewhere: whatever comes, it is a view that is right or a sentence that
// says what is wrong.
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FormatError } from '../../../../src/core/errors';
import { LINK_LIMITS, type SharedContent } from '../../../../src/core/share/sharedContent';
import { formatShareState, MAX_HASH, parseShareState } from '../../../../src/core/share/shareState';
import { formatShared, parseShared } from '../../../../src/formats/share/sharedJson';
import { packPayload, unpackPayload } from '../../../../src/formats/share/sharedPacking';
import { editedBytes } from '../../../helpers/fuzz/edits';
import { SHARED, SHARED_RUN } from '../../../helpers/engine/sharedContent';

const SEED = 20_261_130;
const EACH = 2500;
const LINKS = [
  '#v=1&view=explore&sae=demo&feature=12&density=1e-5..1e-2&sort=-density,maxact&ex=random&text=a+b',
  '#v=1&view=steer&model=demo~3f9a1c07b2de&sae=demo-l2~b81e440a9c15&steer=1432:add:2max,88~b81e:set:0raw&mask=prompt,gen&auto=0@12:1.5&prompt=Once+upon&seed=7',
  '#v=1&src=https://example.org/saes/&embed=1&hide=plots,notes&run=1&p=q1ZKyk9VsqpWKkktLlGqBQA',
];
const CONTENTS = [SHARED, SHARED_RUN];
const encoder = new TextEncoder();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** What reading it came to. Anything else than content or a sentence fails. */
async function read(
  work: () => SharedContent | Promise<SharedContent>,
): Promise<'view' | 'message'> {
  try {
    const content = await work();
    // Written again and read again it is the same: nothing half-read is shown.
    const again = formatShared(content);
    expect(formatShared(parseShared(again, 'This link', LINK_LIMITS))).toBe(again);
    expect(content.features.length + (content.run === null ? 0 : 1)).toBeGreaterThan(0);
    for (const { maxAct, examples } of content.features) {
      expect(Number.isFinite(maxAct)).toBe(true);
      for (const { tokens, peak } of examples) expect(tokens[peak]).toBeDefined();
    }
    return 'view';
  } catch (cause) {
    if (!(cause instanceof FormatError)) throw cause;
    expect(cause.message).toMatch(/^This link\b.{8,}/);
    return 'message';
  }
}

it('10,000 changed links and payloads are each a view or a message', async () => {
  const told = { links: 0, view: 0, message: 0 };
  const payloads = await Promise.all(CONTENTS.map(packPayload));
  const samples = (originals: readonly string[], seed: number) =>
    fc.sample(editedBytes(originals.map((one) => encoder.encode(one))), { seed, numRuns: EACH });
  for (const bytes of samples(LINKS, SEED)) {
    const state = parseShareState(text(bytes));
    // A fixed point: what was read is written so that it is read as the same.
    const hash = formatShareState(state);
    if (hash.length <= MAX_HASH) expect(formatShareState(parseShareState(hash))).toBe(hash);
    told.links++;
  }
  for (const bytes of samples(payloads, SEED + 1)) {
    told[await read(() => unpackPayload(text(bytes)))]++;
  }
  for (const bytes of samples(CONTENTS.map(formatShared), SEED + 2)) {
    told[await read(() => parseShared(text(bytes), 'This link', LINK_LIMITS))]++;
  }
  for (const bytes of samples(CONTENTS.map(formatShared), SEED + 3)) {
    told[await read(() => unpackPayload(deflateRawSync(bytes).toString('base64url')))]++;
  }
  console.log(
    `fuzz of shares, seed ${SEED}: ${told.links} links read, ${told.view} payloads shown, ${told.message} refused with a sentence`,
  );
  expect(told.links + told.view + told.message).toBe(4 * EACH);
  // Neither everything refused nor everything let through.
  expect(told.view).toBeGreaterThan(100);
  expect(told.message).toBeGreaterThan(1000);
});
