// CPU twin of add_direction.wgsl.

/** residual [*, d], rows distinct; returns a new array. Coefficient 0 copies bit for bit. */
export function addDirectionReference(o: {
  residual: Float32Array;
  rows: Uint32Array;
  direction: Float32Array;
  coefficient: number;
}): Float32Array {
  const out = o.residual.slice();
  const d = o.direction.length;
  if (o.coefficient === 0) return out;
  for (const row of o.rows) {
    for (let i = 0; i < d; i++) out[row * d + i]! += o.coefficient * o.direction[i]!;
  }
  return out;
}
