// The parts of a link that say how an attribution graph is looked at: ids of nodes, groups, shares. Pure; every character
// is hostile.
import type { NodeGroup } from '../circuits/shownGraph';
import type { PruneOptions } from '../circuits/graphScores';
import { known, name, short } from './linkValues';

export type CircuitShare = {
  /** the token to explain, and the one that it is set against */
  target: string | null;
  against: string | null;
  prune: PruneOptions | null;
  /** ids of nodes: the chosen one, those pinned and hidden, groups */
  node: string | null;
  pinned: readonly string[] | null;
  hidden: readonly string[] | null;
  groups: readonly NodeGroup[] | null;
};

export const NO_CIRCUIT: CircuitShare = {
  target: null,
  against: null,
  prune: null,
  node: null,
  pinned: null,
  hidden: null,
  groups: null,
};

export const CIRCUIT_READERS: Readonly<
  Record<keyof CircuitShare, (value: string) => Partial<CircuitShare> | null>
> = {
  target: (value) => name(value, (target) => ({ target })),
  against: (value) => name(value, (against) => ({ against })),
  prune: (value) => known(parsePrune(value), (prune) => ({ prune })),
  node: (value) => known(parseNode(value), (node) => ({ node })),
  pinned: (value) => known(parseNodes(value), (pinned) => ({ pinned })),
  hidden: (value) => known(parseNodes(value), (hidden) => ({ hidden })),
  groups: (value) => known(parseGroups(value), (groups) => ({ groups })),
};

export function circuitPairs(share: CircuitShare): [string, string | null][] {
  return [
    ['target', share.target],
    ['against', share.against],
    ['prune', share.prune && formatPrune(share.prune)],
    ['node', share.node],
    ['pinned', share.pinned?.join(',') ?? null],
    ['hidden', share.hidden?.join(',') ?? null],
    ['groups', share.groups && formatGroups(share.groups)],
  ];
}

/** Most nodes of a list, and most groups. */
const MOST_NODES = 200;
const MOST_GROUPS = 20;
const MOST_NAME = 60;

/** `V` or `E` and a number, or a number; latent or token, −1 for an error; position. */
const NODE = /^[VE]?\d{0,3}_-?\d{1,7}_\d{1,4}$/;

export function parseNode(text: string): string | null {
  return NODE.test(text) ? text : null;
}

/** `0_12_3,1_40_5` */
function parseNodes(text: string): string[] | null {
  const ids = text.split(',');
  return ids.length <= MOST_NODES && ids.every((id) => NODE.test(id)) ? ids : null;
}

/** `0.8,0.98`: of nodes, of edges */
function parsePrune(text: string): PruneOptions | null {
  const [nodeShare = NaN, edgeShare = NaN, ...rest] = text.split(',').map(Number);
  const isShare = (value: number) => value > 0 && value <= 1;
  return rest.length === 0 && isShare(nodeShare) && isShare(edgeShare)
    ? { nodeShare, edgeShare }
    : null;
}

function formatPrune({ nodeShare, edgeShare }: PruneOptions): string {
  return `${short(nodeShare)},${short(edgeShare)}`;
}

/** `a name:0_12_3,0_14_3;another:…`; names without `:` and `;` */
function parseGroups(text: string): NodeGroup[] | null {
  const groups = text.split(';').map((part) => {
    const cut = part.indexOf(':');
    const name = part.slice(0, Math.max(0, cut));
    const nodes = parseNodes(part.slice(cut + 1));
    return name === '' || name.length > MOST_NAME || nodes === null ? null : { name, nodes };
  });
  const read = groups.filter((group) => group !== null);
  const names = new Set(read.map(({ name }) => name));
  return read.length === groups.length && names.size === read.length && read.length <= MOST_GROUPS
    ? read
    : null;
}

function formatGroups(groups: readonly NodeGroup[]): string {
  return groups
    .map(({ name, nodes }) => `${name.replace(/[:;]/g, ' ')}:${nodes.join(',')}`)
    .join(';');
}
