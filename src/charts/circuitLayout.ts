// Where the nodes of an attribution graph stand: tokens along x, layers up y. Cells and their sizes follow from the whole
// graph, so that nothing moves while fewer of its nodes are shown. Pure geometry.

export type CircuitNode = {
  id: string;
  /** as it is read out and shown on hover */
  name: string;
  look: 'latent' | 'error' | 'token' | 'valueEmbedding' | 'logit' | 'group';
  row: number;
  /** index of the token that it stands over */
  column: number;
  /** share of all influence: its size */
  influence: number;
  isPinned: boolean;
  /** ringed: another graph has it, too */
  isShared?: boolean;
};
type CircuitLink = { source: string; target: string; weight: number };

export type CircuitData = {
  /** the prompt's tokens */
  columns: readonly string[];
  /** from the bottom up */
  rows: readonly string[];
  /** most nodes that a cell of each row has in the whole graph */
  crowd: readonly number[];
  nodes: readonly CircuitNode[];
  links: readonly CircuitLink[];
  selected: string | null;
  /** what is drawn as largest and widest, for two graphs on one scale; absent: the most of this one */
  scale?: { influence: number; weight: number };
};

export type PlacedNode = CircuitNode & { x: number; y: number; r: number };

export type CircuitLayout = {
  width: number;
  height: number;
  /** left edge of each column and its width */
  columnWidth: number;
  left: number;
  /** y of the bottom line of each row */
  rowY: readonly number[];
  nodes: readonly PlacedNode[];
};

/** Distance of two nodes of a cell, and of two lines of them. */
const STEP = 14;
const [LEFT, TOP, BOTTOM] = [76, 14, 46] as const;
const LEAST_COLUMN = 52;
const GAP = 22;
const [LEAST_RADIUS, MOST_RADIUS] = [3, 6.5] as const;

export function mostInfluence({ nodes }: Pick<CircuitData, 'nodes'>): number {
  return Math.max(...nodes.map(({ influence }) => influence), 1e-9);
}

export function circuitLayout(data: CircuitData, width: number): CircuitLayout {
  const columns = Math.max(1, data.columns.length);
  const columnWidth = Math.max(LEAST_COLUMN, (width - LEFT - 8) / columns);
  const perLine = Math.max(1, Math.floor((columnWidth - 6) / STEP));
  const rowHeights = data.crowd.map((most) => STEP * Math.max(1, Math.ceil(most / perLine)) + GAP);
  const height = TOP + BOTTOM + rowHeights.reduce((sum, each) => sum + each, 0);
  let y = height - BOTTOM;
  const rowY = rowHeights.map((each) => {
    const line = y;
    y -= each;
    return line;
  });
  const most = data.scale?.influence ?? mostInfluence(data);
  const inCell = new Map<string, number>();
  // The strongest of a cell first: who comes later moves nobody.
  const ordered = [...data.nodes].sort((a, b) => b.influence - a.influence);
  const nodes = ordered.map((node): PlacedNode => {
    const cell = `${node.row} ${node.column}`;
    const at = inCell.get(cell) ?? 0;
    inCell.set(cell, at + 1);
    return {
      ...node,
      x: LEFT + node.column * columnWidth + 4 + STEP * ((at % perLine) + 0.5),
      y: (rowY[node.row] ?? 0) - STEP * (Math.floor(at / perLine) + 0.5),
      r:
        LEAST_RADIUS + (MOST_RADIUS - LEAST_RADIUS) * Math.sqrt(Math.max(0, node.influence) / most),
    };
  });
  return { width: LEFT + columns * columnWidth + 8, height, columnWidth, left: LEFT, rowY, nodes };
}
