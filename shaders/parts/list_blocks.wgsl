// Long lists of csc, cut into blocks of block_entries entries, so that no workgroup walks a whole one: block p
// holds entries p · block_entries … of all lists, and those that lie wholly in one list have sums (csc_blocks).
// Defines  WholeBlocks, whole_blocks; block_word
// Expects  overrides d4, block_entries, blocks_at

// Blocks first … end − 1 of a list, and how many of its entries they hold.
struct WholeBlocks {
  first: u32,
  end: u32,
  // the entry with which they begin; past the list's end where there are none
  entry: u32,
  entries: u32,
}

fn whole_blocks(list_first: u32, list_end: u32) -> WholeBlocks {
  let first = (list_first + block_entries - 1u) / block_entries;
  let end = max(first, list_end / block_entries);
  return WholeBlocks(first, end, first * block_entries, (end - first) * block_entries);
}

// Where csc holds a block's sums: W_enc's gradient [d4·4], W_dec's [d4·4], b_enc's, three words unused.
fn block_word(b: u32) -> u32 {
  return blocks_at + b * (8u * d4 + 4u);
}
