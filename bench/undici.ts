/** The undici that `@dragoman/llm` uses. npm keeps it beside that package, since a type package of another version is at the root. */
export { Pool } from "../packages/llm/node_modules/undici/index.js";
