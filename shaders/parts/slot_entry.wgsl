// What a slot of the sparse code becomes in csc.
// Defines  SlotEntry, slot_entry; write_entry
// Expects  overrides main_slots, k (0: rows hold any number of slots), rows_at, k_aux, aux_row, entries_at;
//          latentIndices, preActGrad [main_slots]; latentActs [main_slots], followed by the gradient row of each
//          slot from word rows_at where k is 0; auxIndices, auxActs, auxPreActGrad [rows, k_aux]; csc, written

struct SlotEntry {
  latent: u32,
  // gradient rows of AuxK count on from aux_row
  row: u32,
  act: u32,
  delta: u32,
}

fn slot_entry(slot: u32) -> SlotEntry {
  if (slot >= main_slots) {
    let aux = slot - main_slots;
    let row = aux_row + aux / max(k_aux, 1u);
    return SlotEntry(auxIndices[aux], row, auxActs[aux], auxPreActGrad[aux]);
  }
  var row = 0u;
  if (k == 0u) {
    row = latentActs[rows_at + slot];
  } else {
    row = slot / max(k, 1u);
  }
  return SlotEntry(latentIndices[slot], row, latentActs[slot], preActGrad[slot]);
}

fn write_entry(position: u32, entry: SlotEntry) {
  let at = entries_at + 3u * position;
  csc[at] = entry.row;
  csc[at + 1u] = entry.act;
  csc[at + 2u] = entry.delta;
}
