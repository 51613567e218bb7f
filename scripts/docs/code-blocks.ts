/**
 * The TypeScript blocks of the documentation, as modules. The words after `ts` on the fence say what a block is:
 *
 * - nothing: it must type-check;
 * - `run`: it must also run, offline, and end well;
 * - `continued`: it goes on where the block before it on the page stopped, as one module;
 * - `no-check`: a fragment, only for the eye.
 */
export interface DocumentedModule {
  /** Path of the page from the root, as in `docs/library.md`. */
  readonly page: string;
  /** Line of the first block's fence, counted from 1. */
  readonly line: number;
  readonly run: boolean;
  /** The code, on the lines on which it stands in the page, so that an error's line is the page's. */
  readonly code: string;
}

const WORDS: ReadonlySet<string> = new Set(["run", "continued", "no-check"]);

/** Throws when a fence has another word, or a block continues nothing. */
export function documentedModules(page: string, markdown: string): readonly DocumentedModule[] {
  const modules: DocumentedModule[] = [];
  for (const { line, words, lines } of fences(markdown)) {
    const place = `${page}:${line}`;
    const unknown = words.find((word) => !WORDS.has(word));
    if (unknown !== undefined) throw new Error(`${place}: a block cannot be "${unknown}"; it can be ${[...WORDS].join(", ")}`);
    if (words.includes("no-check")) continue;
    const before = words.includes("continued") ? modules.pop() : undefined;
    if (words.includes("continued") && before === undefined) throw new Error(`${place}: there is no block to continue`);
    const start = before?.code ?? "";
    const padding = "\n".repeat(line - start.split("\n").length + 1);
    modules.push({
      page,
      line: before?.line ?? line,
      run: before?.run === true || words.includes("run"),
      code: start + padding + lines.join("\n"),
    });
  }
  return modules;
}

interface Fence {
  readonly line: number;
  readonly words: readonly string[];
  readonly lines: readonly string[];
}

function fences(markdown: string): readonly Fence[] {
  const found: Fence[] = [];
  let open: { readonly fence: string; readonly entry: (Fence & { lines: string[] }) | undefined } | undefined;
  for (const [index, text] of markdown.split(/\r?\n/).entries()) {
    const [, fence, language, info = ""] = /^\s*(`{3,})(\w*)(.*)$/.exec(text) ?? [];
    if (open === undefined) {
      if (fence === undefined) continue;
      const words = info.split(" ").filter(Boolean);
      const entry = language === "ts" || language === "typescript" ? { line: index + 1, words, lines: [] } : undefined;
      open = { fence, entry };
      if (entry !== undefined) found.push(entry);
    } else if (fence === open.fence && language === "") open = undefined;
    else open.entry?.lines.push(text);
  }
  return found;
}
