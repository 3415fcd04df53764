// What the host may call.
export * from './adam';
export * from './product';
export * from './ranges';
export * from './select';
export * from './sparse';
