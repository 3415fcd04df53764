// The demo that ships with the package, to try things on.
import { machine } from '#machine';
import type { DemoPlaces } from '../engine/machine';

/** A small model trained on children's stories, its text, and an SAE of it: places to open. */
export const demo: DemoPlaces = machine.demo;
