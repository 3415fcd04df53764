// Which workgroup this is, in a grid that workgroupGrid (defineKernel.ts) has folded into two dimensions.
// Defines  GRID_ROW, the widest row of such a grid; workgroup_number
// Expects  nothing

const GRID_ROW: u32 = 32768u;

// From workgroup_id and num_workgroups. May lie past the last one: the kernel must return there.
fn workgroup_number(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return id.x + id.y * count.x;
}
