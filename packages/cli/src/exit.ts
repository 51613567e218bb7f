/** What the command's exit status says. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  interrupted: 130,
} as const;

/** For `docs/cli.md`. */
export const EXIT_MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: "It worked. For `doctor`: at least one real provider works.",
  failed:
    "The call failed: the vendor refused, nothing could be reached, the answer does not fit the schema, or items of a batch have no answer.",
  usage: "The command line, a file or a setting is wrong. Nothing was sent.",
  interrupted: "Stopped by Ctrl+C (128 + SIGINT). What had arrived was printed.",
};
