// The uniforms that say which rows, or which latents, a dispatch works on.
import { uniformStruct } from '../device/uniformStruct';

/** Rows of a chunk. */
export const CHUNK = uniformStruct({ rows: 'u32' });

/** Rows of a chunk, and where they begin in the batch. */
export const BATCH_CHUNK = uniformStruct({ rows: 'u32', first_row: 'u32' });

/** Latents whose rows are bound: first … first + count − 1. */
export const SHARD = uniformStruct({ first: 'u32', count: 'u32' });
