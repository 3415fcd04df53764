// Whether points lie inside a polygon: the lasso of the map. Pure.

/** corners: x0, y0, x1, y1, …; closed by itself. Even-odd rule: a point on an edge may fall on either side. */
export function isInside(corners: readonly number[], x: number, y: number): boolean {
  let inside = false;
  let x1 = corners[corners.length - 2] ?? 0;
  let y1 = corners[corners.length - 1] ?? 0;
  for (let i = 0; i < corners.length; i += 2) {
    const x0 = corners[i]!;
    const y0 = corners[i + 1]!;
    if (y0 > y !== y1 > y && x < x0 + ((y - y0) / (y1 - y0)) * (x1 - x0)) inside = !inside;
    x1 = x0;
    y1 = y0;
  }
  return inside;
}

/** At most `most` corners of a drawn line: the ones that bend it most (Visvalingam's triangles). */
export function simplifyPolygon(corners: readonly number[], most: number): number[] {
  const kept: [x: number, y: number][] = [];
  for (let i = 0; i < corners.length; i += 2) kept.push([corners[i]!, corners[i + 1]!]);
  while (kept.length > most) {
    let flattest = 0;
    let smallest = Infinity;
    for (let i = 0; i < kept.length; i++) {
      const [ax, ay] = kept[(i + kept.length - 1) % kept.length]!;
      const [bx, by] = kept[i]!;
      const [cx, cy] = kept[(i + 1) % kept.length]!;
      const area = Math.abs((bx - ax) * (cy - ay) - (cx - ax) * (by - ay));
      if (area >= smallest) continue;
      smallest = area;
      flattest = i;
    }
    kept.splice(flattest, 1);
  }
  return kept.flat();
}
