// Keys by which pre-activations are ranked: unsigned integers in the order of positive floats.
// Defines  key_of, precedes
// Expects  nothing
// Values stay u32 bits, so that no compiler may flush, reorder or assume anything.

// 0 for whatever is never chosen: zero, negative, NaN. Bits in [1, 0x7f800000] are a positive number or +∞.
fn key_of(bits: u32) -> u32 {
  return select(0u, bits, bits - 1u < 0x7f800000u);
}

// Whether one element comes before another: larger key first, among equal keys lower index first.
fn precedes(key: u32, index: u32, other_key: u32, other_index: u32) -> bool {
  return key > other_key || (key == other_key && index < other_index);
}
