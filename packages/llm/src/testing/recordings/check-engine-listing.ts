/** What Ollama tells of its models: `ps` (loaded) and `show` (one of them), each held against the raw body. */
import { compareJson } from "../laws.ts";
import { numberIn, objectIn, objectsIn, type RawObject, shortened, wordIn } from "./raw-json.ts";
import type { Findings } from "./report.ts";

/** Checks one answer of an operation of its own. Throws what the codec throws. */
export type EngineListingCheck = (body: unknown, request: unknown, findings: Findings) => Promise<void>;

export const ENGINE_LISTINGS: Readonly<Record<string, EngineListingCheck>> = { ps: checkLoaded, show: checkOne };

async function checkLoaded(body: unknown, _request: unknown, findings: Findings): Promise<void> {
  const { ollamaModels } = await import("../../dialects/ollama/index.ts");
  const rows = ollamaModels.parsePs(body);
  const expected = objectsIn(objectIn(body).models).map(loadedFacts);
  const got = rows.map((row) => `${row.id} ${row.sizeBytes} ${row.videoMemoryBytes}`);
  if (got.join("\n") !== expected.join("\n")) findings.add("ps rows", shortened(expected, 300), shortened(got, 300));
  const again = ollamaModels.parsePs(JSON.parse(JSON.stringify(ollamaModels.renderPs(rows))));
  const differences: string[] = [];
  compareJson(rows, again, "", differences);
  for (const difference of differences) findings.add(`ps law 2 ${difference}`);
}

function loadedFacts(row: RawObject): string {
  return `${wordIn(row.model) ?? wordIn(row.name)} ${numberIn(row.size)} ${numberIn(row.size_vram)}`;
}

async function checkOne(body: unknown, request: unknown, findings: Findings): Promise<void> {
  const { ollamaModels } = await import("../../dialects/ollama/index.ts");
  const asked = objectIn(request);
  const name = wordIn(asked.model) ?? wordIn(asked.name);
  const parsedName = name === undefined ? "unknown" : ollamaModels.parseShowRequest(request);
  if (name !== undefined && parsedName !== name) findings.add("show request", name, parsedName);
  const row = ollamaModels.parseShow(body, parsedName);
  if (row.id !== parsedName) findings.add("show id", parsedName, row.id);
  const window = windowIn(objectIn(objectIn(body).model_info));
  if (row.facts?.contextWindowTokens !== window) {
    findings.add("show context window", String(window), String(row.facts?.contextWindowTokens));
  }
}

/** The one figure named `….context_length`. */
function windowIn(info: RawObject): number | undefined {
  const name = Object.keys(info).find((key) => key.endsWith(".context_length"));
  return name === undefined ? undefined : numberIn(info[name]);
}
