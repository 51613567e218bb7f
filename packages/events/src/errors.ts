/** What can go wrong with a log. This file imports nothing. */

/** Another writer was there first. Read the stream again, decide anew, append again. */
export class VersionConflict extends Error {
  override readonly name = "VersionConflict";
  readonly stream: string;
  readonly expectedVersion: number;
  readonly actualVersion: number;

  constructor(stream: string, expectedVersion: number, actualVersion: number) {
    super(
      `${stream} is at version ${actualVersion}, not at ${expectedVersion}: another writer was there first. Read it again and decide anew`,
    );
    this.stream = stream;
    this.expectedVersion = expectedVersion;
    this.actualVersion = actualVersion;
  }
}

/**
 * Something that no log takes: a name or an amount out of bounds, or data that is no JSON; on read, an event whose shape the
 * upcaster does not know.
 */
export class InvalidEvent extends Error {
  override readonly name = "InvalidEvent";
}

/** The store cannot be used: not reachable, locked by another, full, closed, or damaged. */
export class LogUnavailable extends Error {
  override readonly name = "LogUnavailable";
  /**
   * False: nothing of the append was kept. True: the store went away after it was given the append, and nobody can tell
   * whether it was kept. Append again with the same ids: if it was, that is a repetition.
   */
  readonly outcomeUnknown: boolean;

  constructor(message: string, options: ErrorOptions & { readonly outcomeUnknown?: boolean } = {}) {
    super(message, options);
    this.outcomeUnknown = options.outcomeUnknown ?? false;
  }
}
