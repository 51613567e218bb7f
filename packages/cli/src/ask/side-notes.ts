import type { Completion, Part, Warning } from "@dragoman/llm";
import { truncate } from "../display-width.ts";
import { createPalette } from "../palette.ts";
import { printable } from "../printable.ts";
import { footer } from "./footer.ts";

/** What is said beside the answer, dim on standard error. */
export interface SideNotes {
  reasoning(text: string): void;
  /** Ends a line that `reasoning` has begun. */
  endReasoning(): void;
  note(text: string): void;
  warning(warning: Warning): void;
  /** Sources and the footer. */
  summary(completion: Completion): void;
}

/** Silent unless somebody sees it: standard error is a terminal, or `-v` was given. */
export function createSideNotes(verbose: boolean, stream: NodeJS.WriteStream = process.stderr): SideNotes {
  const { dim, yellow } = createPalette(stream);
  const visible = verbose || stream.isTTY === true;
  let lineOpen = false;

  function write(text: string): void {
    if (visible) stream.write(text);
  }

  function endReasoning(): void {
    if (lineOpen) write("\n");
    lineOpen = false;
  }

  function note(text: string): void {
    endReasoning();
    write(`${dim(printable(text))}\n`);
  }

  return {
    reasoning(text) {
      if (text === "") return;
      write(dim(printable(text)));
      lineOpen = true;
    },
    endReasoning,
    note,
    warning({ detail }) {
      endReasoning();
      write(`${yellow("warning:")} ${dim(printable(detail))}\n`);
    },
    summary(completion) {
      for (const source of completion.message.parts.flatMap(sourceLine)) note(source);
      const line = footer(completion);
      note(stream.isTTY ? truncate(line, stream.columns || 80) : line);
    },
  };
}

function sourceLine(part: Part): readonly string[] {
  if (part.type !== "source") return [];
  return [`source: ${[part.title, part.url ?? part.documentId].filter((text) => text !== undefined).join(" ")}`];
}
