/** The four ways in which an answer is printed on standard output: text or JSON, as it comes or when it is complete. */
import { type Completion, type Part, type StreamEvent, textOf } from "@dragoman/llm";
import { printable } from "../printable.ts";
import type { SideNotes } from "./side-notes.ts";

export interface AnswerPrinter {
  event(event: StreamEvent): void;
  /** The whole answer, or what had arrived of it when it failed. Called once, after the last event. */
  end(completion: Completion): void;
}

export function createAnswerPrinter(
  mode: { readonly json: boolean; readonly stream: boolean },
  notes: SideNotes,
  output: NodeJS.WriteStream = process.stdout,
): AnswerPrinter {
  if (mode.json) return mode.stream ? jsonLines(output) : wholeJson(output);
  return mode.stream ? textAsItComes(output, notes) : wholeText(output, notes);
}

function jsonLines(output: NodeJS.WriteStream): AnswerPrinter {
  return { event: (event) => void output.write(`${JSON.stringify(event)}\n`), end: () => {} };
}

function wholeJson(output: NodeJS.WriteStream): AnswerPrinter {
  return { event: () => {}, end: (completion) => void output.write(`${JSON.stringify(completion, null, 2)}\n`) };
}

function wholeText(output: NodeJS.WriteStream, notes: SideNotes): AnswerPrinter {
  return {
    event: () => {},
    end({ message }) {
      for (const part of message.parts) if (part.type === "reasoning") notes.reasoning(part.text);
      notes.endReasoning();
      const text = textOf(message) + message.parts.map(refusalText).join("");
      if (text !== "") output.write(shown(text, output) + (text.endsWith("\n") ? "" : "\n"));
    },
  };
}

function refusalText(part: Part): string {
  return part.type === "refusal" ? part.text : "";
}

function textAsItComes(output: NodeJS.WriteStream, notes: SideNotes): AnswerPrinter {
  let last = "\n";
  function write(text: string): void {
    if (text === "") return;
    notes.endReasoning();
    output.write(shown(text, output));
    last = text;
  }
  function endLine(): void {
    if (!last.endsWith("\n")) output.write("\n");
    last = "\n";
  }
  return {
    event(event) {
      if (event.type === "text-delta" || event.type === "refusal-delta") write(event.text);
      else if (event.type === "reasoning-delta") notes.reasoning(event.text);
      else if (event.type === "warning") notes.warning(event.warning);
      else if (event.type === "restart") {
        endLine();
        notes.note(`what came so far is void: ${event.reason}`);
      }
    },
    end() {
      notes.endReasoning();
      endLine();
    },
  };
}

/** A model's words must not steer the terminal; a file or a pipe gets them as they are. */
function shown(text: string, output: NodeJS.WriteStream): string {
  return output.isTTY ? printable(text) : text;
}
