// Which workgroup or thread this is, in a grid that workgroupGrid (defineKernel.ts) has folded into two
// dimensions.
// Defines  GRID_ROW, the widest row of such a grid; workgroup_number, thread_number
// Expects  LANES
// Both take workgroup_id and num_workgroups, and may lie past the last one: the kernel must return there.

const GRID_ROW: u32 = 32768u;

fn workgroup_number(id: vec3<u32>, count: vec3<u32>) -> u32 {
  return id.x + id.y * count.x;
}

fn thread_number(id: vec3<u32>, count: vec3<u32>, lane: u32) -> u32 {
  return workgroup_number(id, count) * LANES + lane;
}
