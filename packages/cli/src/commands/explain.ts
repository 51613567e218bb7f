/** `dragoman explain`: one call, and everything that was decided about it. */
import type { CallRecord } from "@dragoman/gateway/ledger";
import type { LedgerReader } from "@dragoman/gateway/offline";
import { DragomanError } from "@dragoman/llm";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import { callStory, type StoryPart } from "../usage/call-story.ts";
import { contentStory } from "../usage/content-story.ts";
import { type LedgerOptions, withLedger } from "../usage/open-ledger.ts";

/** Recent calls among which the beginning of an id is looked for. */
const RECENT = 1_000;
const SHOWN = 5;

interface ExplainOptions extends LedgerOptions {
  readonly json?: boolean;
  /** With what was asked and answered. */
  readonly content?: boolean;
}

export async function explain(id: string, options: ExplainOptions): Promise<void> {
  await withLedger(options, async (ledger) => {
    const call = await findCall(ledger, id);
    const content = options.content === true ? await ledger.content(call.id) : undefined;
    if (options.json === true) console.log(JSON.stringify(content === undefined ? call : { ...call, content }, null, 2));
    else printStory([...callStory(call), ...(content === undefined ? [] : contentStory(content))]);
    if (options.content === true && content === undefined) console.error(NOTHING_KEPT);
  });
}

const NOTHING_KEPT = "what this call asked and was answered was not kept: `ledger: { content: true }` keeps it";

/** By its id, the beginning of it, or `last`. Throws `invalid_request`. */
async function findCall(ledger: LedgerReader, id: string): Promise<CallRecord> {
  const exact = await ledger.call(id);
  if (exact !== undefined) return exact;
  const { calls } = await ledger.calls({ countMax: id === "last" ? 1 : RECENT });
  const found = id === "last" ? calls : calls.filter((call) => call.id.startsWith(id));
  const [first, second] = found;
  if (first !== undefined && second === undefined) return first;
  const many = second !== undefined;
  throw new DragomanError({
    code: "invalid_request",
    field: "id",
    detail: many
      ? `${found.length} calls have an id that begins with ${id}: ${found
          .slice(0, SHOWN)
          .map((call) => call.id)
          .join(", ")}`
      : `there is no call ${id}`,
    advice: many ? "write more of it" : "dragoman calls lists the calls; every answer over HTTP names its id in x-request-id",
  });
}

function printStory(parts: readonly StoryPart[]): void {
  const { bold, dim } = createPalette(process.stdout);
  for (const [index, { title, lines }] of parts.entries()) {
    if (index > 0) console.log();
    console.log(bold(printable(title)));
    for (const line of lines) console.log(`  ${index === 0 ? dim(printable(line)) : printable(line)}`);
  }
}
