/** `dragoman models refresh`: writes the catalogue of names and prices anew and says what has changed. */
import { compareCatalogues } from "../compare-catalogues.ts";
import { changeLines, countChanges } from "../price-changes.ts";
import { type RefreshResult, refreshCatalogue } from "../refresh-catalogue.ts";
import { catalogueFolder } from "../user-data.ts";

interface RefreshCommandOptions {
  readonly out?: string;
  readonly format: "json" | "ts";
  readonly json?: boolean;
}

export async function refreshModels(options: RefreshCommandOptions): Promise<void> {
  const folder = options.out ?? catalogueFolder();
  const results = await refreshCatalogue({ folder, format: options.format, today: new Date() });
  if (options.json === true) console.log(JSON.stringify(results.map(asJson), null, 2));
  else console.log(results.flatMap(summaryLines).join("\n"));
}

function asJson({ provider, file, catalogue, previous }: RefreshResult): object {
  return {
    provider,
    file,
    version: catalogue.version,
    models: catalogue.models.length,
    ...(previous === undefined ? {} : { previousVersion: previous.version, changes: compareCatalogues(previous, catalogue) }),
  };
}

function summaryLines({ provider, file, catalogue, previous }: RefreshResult): readonly string[] {
  const title = `${provider}: ${catalogue.models.length} models, ${catalogue.version}, ${file}`;
  if (previous === undefined) return [title, "  there was none to compare it with"];
  const changes = compareCatalogues(previous, catalogue);
  const lines = changeLines(changes).map((line) => `  ${line}`);
  return [title, ...(countChanges(changes) === 0 ? [`  no change since ${previous.version}`] : lines)];
}
