// Which latents' rows are bound, where one binding does not hold them all; packed by chunks.ts.
// Defines  Shard
// Expects  nothing

// Latents first … first + count − 1; first is a multiple of 64.
struct Shard {
  first: u32,
  count: u32,
}
