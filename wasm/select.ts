// Which latents a row keeps. The order is that of topk_row.wgsl: by value descending, then by index ascending;
// only positive values are kept. Exact: a bound from group maxima only skips what cannot be chosen.

/** The lowest finite f32: in padding columns and for trapped NaN. */
const LOWEST: f32 = -3.4028234663852886e38;

/** Replaces NaN by the lowest finite value; returns how many there were. count: a multiple of 4. */
export function trapNaN(z: usize, count: i32): i32 {
  let found = 0;
  const end = z + (count << 2);
  for (; z < end; z += 16) {
    const x = v128.load(z);
    if (!v128.any_true(f32x4.ne(x, x))) continue;
    for (let at = z; at < z + 16; at += 4) {
      const value = load<f32>(at);
      if (value === value) continue;
      store<f32>(at, LOWEST);
      found++;
    }
  }
  return found;
}

/** The k largest positive values of a row of `stride` (a multiple of `width`, itself one of 4), strongest
 *  first; returns how many there are. maxima: 2 · stride / width words of scratch. */
export function topkRow(
  z: usize,
  stride: i32,
  k: i32,
  width: i32,
  maxima: usize,
  indices: usize,
  acts: usize,
): i32 {
  const groups = stride / width;
  for (let group = 0; group < groups; group++) {
    let most = f32x4.splat(LOWEST);
    const end = z + (((group + 1) * width) << 2);
    for (let at = z + ((group * width) << 2); at < end; at += 16) {
      most = f32x4.pmax(most, v128.load(at));
    }
    const largest = max(
      max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    );
    store<f32>(maxima + (group << 2), largest);
  }
  let bound: f32 = 0;
  if (groups >= k) {
    const copy = maxima + (groups << 2);
    memory.copy(copy, maxima, groups << 2);
    bound = max<f32>(0, largestOf(copy, groups, k));
  }
  const bounds = f32x4.splat(bound);
  const zero = f32x4.splat(0);
  let count = 0;
  for (let group = 0; group < groups; group++) {
    const largest = load<f32>(maxima + (group << 2));
    if (!(largest > 0 && largest >= bound)) continue;
    for (let i = group * width; i < (group + 1) * width; i += 4) {
      const x = v128.load(z + (i << 2));
      let hits = i32x4.bitmask(v128.and(f32x4.gt(x, zero), f32x4.ge(x, bounds)));
      while (hits !== 0) {
        const latent = i + ctz(hits);
        hits &= hits - 1;
        count = push(indices, acts, count, k, latent, load<f32>(z + (latent << 2)));
      }
    }
  }
  sortStrongest(indices, acts, count);
  return count;
}

/** topkRow of `rows` rows, whose slots follow one another; counts: [rows] u32. Returns their sum. */
export function topkRows(
  z: usize,
  rows: i32,
  stride: i32,
  k: i32,
  width: i32,
  maxima: usize,
  indices: usize,
  acts: usize,
  counts: usize,
): i32 {
  let used = 0;
  for (let row = 0; row < rows; row++) {
    const at = used << 2;
    const from = z + ((row * stride) << 2);
    const count = topkRow(from, stride, k, width, maxima, indices + at, acts + at);
    store<u32>(counts + (row << 2), count);
    used += count;
  }
  return used;
}

/** The k-th largest of `count` values, which it reorders (Hoare's selection). */
function largestOf(values: usize, count: i32, k: i32): f32 {
  let low = 0;
  let high = count - 1;
  const wanted = k - 1;
  while (low < high) {
    const pivot = load<f32>(values + (((low + high) >> 1) << 2));
    let i = low;
    let j = high;
    while (i <= j) {
      while (load<f32>(values + (i << 2)) > pivot) i++;
      while (load<f32>(values + (j << 2)) < pivot) j--;
      if (i > j) break;
      const swapped = load<f32>(values + (i << 2));
      store<f32>(values + (i << 2), load<f32>(values + (j << 2)));
      store<f32>(values + (j << 2), swapped);
      i++;
      j--;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
  return load<f32>(values + (wanted << 2));
}

/** Whether (value, index) comes before (other, otherIndex). */
function isBefore(value: f32, index: u32, other: f32, otherIndex: u32): bool {
  return value > other || (value === other && index < otherIndex);
}

/** Adds to a heap of at most k whose root comes last in the order; returns its size. */
function push(indices: usize, acts: usize, count: i32, k: i32, index: u32, value: f32): i32 {
  if (count < k) {
    let at = count;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = load<f32>(acts + (parent << 2));
      const aboveIndex = load<u32>(indices + (parent << 2));
      if (!isBefore(above, aboveIndex, value, index)) break;
      store<f32>(acts + (at << 2), above);
      store<u32>(indices + (at << 2), aboveIndex);
      at = parent;
    }
    store<f32>(acts + (at << 2), value);
    store<u32>(indices + (at << 2), index);
    return count + 1;
  }
  if (isBefore(value, index, load<f32>(acts), load<u32>(indices))) {
    sink(indices, acts, count, value, index);
  }
  return count;
}

/** Puts (value, index) at the root in place of what was there. */
function sink(indices: usize, acts: usize, count: i32, value: f32, index: u32): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= count) break;
    let below = load<f32>(acts + (child << 2));
    let belowIndex = load<u32>(indices + (child << 2));
    if (child + 1 < count) {
      const other = load<f32>(acts + (child << 2), 4);
      const otherIndex = load<u32>(indices + (child << 2), 4);
      if (isBefore(below, belowIndex, other, otherIndex)) {
        child++;
        below = other;
        belowIndex = otherIndex;
      }
    }
    if (!isBefore(value, index, below, belowIndex)) break;
    store<f32>(acts + (at << 2), below);
    store<u32>(indices + (at << 2), belowIndex);
    at = child;
  }
  store<f32>(acts + (at << 2), value);
  store<u32>(indices + (at << 2), index);
}

/** Empties the heap from the back: what comes last goes last. */
function sortStrongest(indices: usize, acts: usize, count: i32): void {
  for (let last = count - 1; last > 0; last--) {
    const value = load<f32>(acts + (last << 2));
    const index = load<u32>(indices + (last << 2));
    store<f32>(acts + (last << 2), load<f32>(acts));
    store<u32>(indices + (last << 2), load<u32>(indices));
    sink(indices, acts, last, value, index);
  }
}

/** Appends the values of a row above `bound` (at least 0) to a batch's candidates; returns their number.
 *  stride: a multiple of 4. positions: row · stride + latent. */
export function collectRow(
  z: usize,
  stride: i32,
  first: u32,
  bound: f32,
  values: usize,
  positions: usize,
  count: i32,
): i32 {
  const bounds = f32x4.splat(bound);
  for (let i = 0; i < stride; i += 4) {
    let hits = i32x4.bitmask(f32x4.gt(v128.load(z + (i << 2)), bounds));
    while (hits !== 0) {
      const latent = i + ctz(hits);
      hits &= hits - 1;
      store<f32>(values + (count << 2), load<f32>(z + (latent << 2)));
      store<u32>(positions + (count << 2), first + latent);
      count++;
    }
  }
  return count;
}

/** Moves the `kept` candidates that come first to the front, in no order (kept < count). */
export function keepFirst(values: usize, positions: usize, count: i32, kept: i32): void {
  let low = 0;
  let high = count - 1;
  const wanted = kept - 1;
  while (low < high) {
    const middle = ((low + high) >> 1) << 2;
    const pivot = load<f32>(values + middle);
    const pivotAt = load<u32>(positions + middle);
    let i = low;
    let j = high;
    while (i <= j) {
      while (
        isBefore(load<f32>(values + (i << 2)), load<u32>(positions + (i << 2)), pivot, pivotAt)
      )
        i++;
      while (
        isBefore(pivot, pivotAt, load<f32>(values + (j << 2)), load<u32>(positions + (j << 2)))
      )
        j--;
      if (i > j) break;
      swap(values, i, j);
      swap(positions, i, j);
      i++;
      j--;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else break;
  }
}

function swap(words: usize, i: i32, j: i32): void {
  const swapped = load<u32>(words + (i << 2));
  store<u32>(words + (i << 2), load<u32>(words + (j << 2)));
  store<u32>(words + (j << 2), swapped);
}

/** Sorts candidates by rising position (Shell's sort: rows are short). */
export function sortByPosition(values: usize, positions: usize, count: i32): void {
  let gap = 1;
  while (gap < count / 3) gap = 3 * gap + 1;
  for (; gap > 0; gap /= 3) {
    for (let i = gap; i < count; i++) {
      const value = load<u32>(values + (i << 2));
      const position = load<u32>(positions + (i << 2));
      let at = i;
      while (at >= gap && load<u32>(positions + ((at - gap) << 2)) > position) {
        store<u32>(values + (at << 2), load<u32>(values + ((at - gap) << 2)));
        store<u32>(positions + (at << 2), load<u32>(positions + ((at - gap) << 2)));
        at -= gap;
      }
      store<u32>(values + (at << 2), value);
      store<u32>(positions + (at << 2), position);
    }
  }
}
