/**
 * `npm run docs`: writes the pages of `docs/` that follow from code. With `--check` it writes nothing and exits 1 naming the
 * pages that no longer say what the code does.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { cliPage } from "./docs/cli-page.ts";
import { configurationPage } from "./docs/configuration-page.ts";
import { configurationSchemaFile } from "./docs/configuration-schema.ts";
import { conformancePage } from "./docs/conformance-page.ts";
import { errorsPage } from "./docs/errors-page.ts";
import { faultsPage } from "./docs/faults-page.ts";
import { providersPage } from "./docs/providers-page.ts";
import { quirksPage } from "./docs/quirks-page.ts";
import { routesPage } from "./docs/routes-page.ts";
import { withResults } from "./docs/spec-examples.ts";
import { testingPage } from "./docs/testing-page.ts";
import { translationPage } from "./docs/translation-page.ts";
import { wiresPage } from "./docs/wires-page.ts";

const ROOT = resolve(import.meta.dirname, "..");
const MARK = "<!-- Generated from the code by `npm run docs`. Do not edit. -->";

const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  "docs/cli.md": cliPage,
  "docs/configuration.md": configurationPage,
  "docs/conformance.md": conformancePage,
  "docs/errors.md": errorsPage,
  "docs/faults.md": faultsPage,
  "docs/providers.md": providersPage,
  "docs/quirks.md": quirksPage,
  "docs/routes.md": routesPage,
  "docs/spec/wires.md": async () => withResults(await wiresPage()),
  "docs/testing.md": testingPage,
  "docs/translation.md": translationPage,
};

/** Files that are no pages, and bear no mark. */
const FILES: Readonly<Record<string, () => string>> = {
  "docs/dragoman.schema.json": configurationSchemaFile,
};

/** Written by hand, but for the results of their examples. */
const SPEC = "docs/spec";

const checkOnly = process.argv.includes("--check");
const stale: string[] = [];
for (const [file, write] of Object.entries(PAGES)) {
  const text = `${MARK}\n\n${await write()}`;
  if (readIfThere(join(ROOT, file)) === text) continue;
  stale.push(file);
  if (!checkOnly) writeFileSync(join(ROOT, file), text);
}

for (const [file, write] of Object.entries(FILES)) {
  const text = write();
  if (readIfThere(join(ROOT, file)) === text) continue;
  stale.push(file);
  if (!checkOnly) writeFileSync(join(ROOT, file), text);
}

for (const name of readdirSync(join(ROOT, SPEC)).filter((file) => file.endsWith(".md"))) {
  const file = `${SPEC}/${name}`;
  const before = readIfThere(join(ROOT, file)) ?? "";
  const text = withResults(before);
  if (text === before || file in PAGES) continue;
  stale.push(file);
  if (!checkOnly) writeFileSync(join(ROOT, file), text);
}

if (checkOnly && stale.length > 0) {
  console.error(`These pages no longer say what the code does: ${stale.join(", ")}. Run: npm run docs`);
  process.exit(1);
}
console.log(stale.length === 0 ? "all generated pages are up to date" : `written: ${stale.join(", ")}`);

/** Line ends as a checkout on Windows may have them do not count. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").replaceAll("\r\n", "\n");
  } catch {
    return undefined;
  }
}
