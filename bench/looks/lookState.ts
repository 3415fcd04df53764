// One state of the page that a person looks at.
import { expect as expectSoon, type Page } from '@playwright/test';
import type { Workbench } from '../../tests/helpers/page/workbench';

/** A slow machine is waited for. */
export const expect = expectSoon.configure({ timeout: 180_000 });

export type LookState = {
  name: string;
  /** what the page shows, as a person would say it */
  about: string;
  /** what it is about stands further down than the pictures of other states go */
  isLong?: true;
  reach: (page: Page, bench: Workbench) => Promise<void>;
};

/** A feature of the demo that is named and has all of its examples. */
export const FEATURE = '#v=1&view=explore&sae=demo&feature=1894';
