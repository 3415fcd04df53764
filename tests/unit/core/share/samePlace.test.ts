import { expect, it } from 'vitest';
import { isSamePlace } from '../../../../src/core/share/shareState';

it('is another place where a feature is opened on Explore, or the screen changes', () => {
  expect(isSamePlace('#v=1&view=explore', '#v=1&view=feature&feature=3')).toBe(false);
  expect(isSamePlace('#v=1&view=explore', '#v=1&view=steer')).toBe(false);
  expect(isSamePlace('#v=1&view=explore&q=cat', '#v=1&view=explore&q=dog')).toBe(true);
});

it('is the same place where another screen names a feature', () => {
  expect(isSamePlace('#v=1&view=steer&feature=3', '#v=1&view=steer&steer=3:add:1max')).toBe(true);
});
