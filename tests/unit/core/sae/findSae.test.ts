import { describe, expect, it } from 'vitest';
import { findSae, findSameSae } from '../../../../src/core/sae/findSae';

const sae = (saeId: string, otherIds?: string[]) => ({
  saeId,
  ...(otherIds !== undefined && { otherIds }),
  name: saeId.slice(0, saeId.indexOf('~')),
  origin: 'imported' as const,
});
const OLDER = sae('a~0ld000000001', ['a~new000000001']);
const NEWER = sae('b~new000000002', ['b~0ld000000001']);
const DEMO = { ...sae('demo~de0000000001'), origin: 'demo' as const };
const ALL = [NEWER, OLDER, DEMO];

describe('findSae (7.12)', () => {
  it.each([
    ['b~new000000002', NEWER],
    ['new000000002', NEWER],
    ['renamed~new000000002', NEWER],
    ['a~new000000001', OLDER],
    ['new000000001', OLDER],
    ['b', NEWER],
    ['demo', DEMO],
    ['c~000000000000', null],
  ])('%s', (ref, found) => {
    expect(findSae(ALL, ref)).toBe(found);
  });

  it('takes an older id for the SAE that has it, before one that only had it once', () => {
    expect(findSae(ALL, 'x~0ld000000001')).toBe(OLDER);
    expect(findSae(ALL, 'b~0ld000000001')).toBe(NEWER);
    expect(findSae([NEWER], '0ld000000001')).toBe(NEWER);
  });
});

describe('findSameSae (7.12)', () => {
  it('knows an older entry by both of its ids, and no other that shared the older one', () => {
    const made = (hash: string) => ({ saeId: `x~${hash}`, otherIds: ['x~0ld000000001'] });
    expect(findSameSae(ALL, made('new000000001'))).toBe(OLDER);
    expect(findSameSae(ALL, made('new000000002'))).toBe(NEWER);
    expect(findSameSae(ALL, made('new000000003'))).toBeNull();
  });
});
