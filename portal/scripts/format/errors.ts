// What is wrong, by the names of docs/format.md, section 7. No error's text holds input.

const MISUSE = new Set(["MisuseError", "PayloadTooLarge", "NoRecipients", "LowOrderKey", "NotNormalized"]);

/** A fault; `name` is the class of crypto/errors.py. */
export class Fault extends Error {
  constructor(override readonly name: string) {
    super(name);
  }

  /** Whether the caller made a mistake: not the data. */
  get misuse(): boolean {
    return MISUSE.has(this.name);
  }
}

/** Throw the fault of this name. */
export function fail(name: string): never {
  throw new Fault(name);
}

/** Return the name of a fault; anything else is thrown on. */
export function faultName(error: unknown): string {
  if (error instanceof Fault) return error.name;
  throw error;
}
