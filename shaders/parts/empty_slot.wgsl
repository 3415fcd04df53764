// Marks slots of a sparse code that hold no latent.
// Defines  EMPTY
// Expects  nothing

const EMPTY: u32 = 0xffffffffu;
