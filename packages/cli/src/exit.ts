/** What the command's exit status says. Documented in `docs/cli.md`. */
export const EXIT = {
  ok: 0,
  /** The call failed: the vendor refused, or nothing could be reached. */
  failed: 1,
  /** The command line, a file or a setting is wrong. */
  usage: 2,
  /** Interrupted by the user (128 + SIGINT). */
  interrupted: 130,
} as const;
