// The named errors of the project. Each message gives the value, the bound and the way out; the page
// shows it unchanged.

/** A setting out of its range. `field` names the form field it belongs to. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly field: string | undefined;
  constructor(message: string, field?: string) {
    super(message);
    this.field = field;
  }
}

/** Two arrays whose lengths or shapes do not fit each other. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
}

/** A foreign file that is broken, hostile or of another kind than expected. */
export class FormatError extends Error {
  override readonly name = 'FormatError';
}

/** The GPU device is gone, and all that lay on it. */
export class DeviceLostError extends Error {
  override readonly name = 'DeviceLostError';
}

/** A bug in our own code, never the user's fault. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`invariant: ${message}`);
}
