/**
 * A catalogue as one JSON text. Its rows are read at the first question for a price; until then the engine need not go
 * through hundreds of objects whenever the package is loaded, only past the end of one string.
 */
import { pathToFileURL } from "node:url";
import type { Plugin } from "rolldown";

const CATALOGUE_FILE = /[\\/]catalogue[\\/][^\\/]+\.generated\.ts$/;

export const compactCatalogues: Plugin = {
  name: "compact-catalogues",
  transform: {
    filter: { id: CATALOGUE_FILE },
    async handler(_code, id) {
      const exported = Object.entries<object>(await import(pathToFileURL(id).href));
      const constants = exported.map(([name, catalogue]) => `export const ${name} = lazyCatalogue(() => ${parsed(catalogue)});`);
      return { code: ['import { lazyCatalogue } from "../catalogue.ts";', ...constants].join("\n"), map: null };
    },
  },
};

/** In a template: JSON is full of double quotes, which need no escape there. */
function parsed(catalogue: object): string {
  return `JSON.parse(\`${JSON.stringify(catalogue).replace(/[\\`$]/g, "\\$&")}\`)`;
}
