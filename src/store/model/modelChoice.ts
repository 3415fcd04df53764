// Several models of a drop or an address, and which one is meant. Types only.
import type { ModelChoice } from '../../engine/model/api';

/** Names one of several models of a drop or an address. */
export type ChoiceRef = Pick<ModelChoice, 'folder' | 'step'>;
