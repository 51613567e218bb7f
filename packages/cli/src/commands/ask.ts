/** `dragoman ask`: one question, one answer. */
import {
  type Completion,
  type CompletionCall,
  createFold,
  type DragomanError,
  type JsonSchema,
  type Provider,
  type ReasoningEffort,
  retry,
  type StreamEvent,
  streamFromCompletion,
  systemMessage,
  toDragomanError,
  userMessage,
} from "@dragoman/llm";
import { type AnswerPrinter, createAnswerPrinter } from "../ask/answer-printer.ts";
import { checkAnswer } from "../ask/check-answer.ts";
import { composePrompt } from "../ask/compose-prompt.ts";
import { readImage } from "../ask/read-image.ts";
import { readPipedInput } from "../ask/read-piped-input.ts";
import { readSchema } from "../ask/read-schema.ts";
import { createSideNotes, type SideNotes } from "../ask/side-notes.ts";
import { EXIT } from "../exit.ts";
import { duration } from "../figures.ts";
import { type Interrupt, listenForInterrupt } from "../interrupt.ts";
import { openRegistry } from "../open-registry.ts";
import { type NamedModel, resolveModel, withNearestNames } from "../resolve-model.ts";

export interface AskOptions {
  readonly model?: string;
  readonly system?: string;
  readonly image: readonly string[];
  readonly schema?: string;
  /** Undefined: as it comes on a terminal, whole otherwise. */
  readonly stream?: boolean;
  readonly json?: boolean;
  readonly verbose?: boolean;
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly effort?: ReasoningEffort;
  /** Seconds. */
  readonly timeout?: number;
}

export async function ask(words: readonly string[], options: AskOptions): Promise<void> {
  const schema = options.schema === undefined ? undefined : await readSchema(options.schema);
  const question = await composeQuestion(words, options, schema);
  const notes = createSideNotes(options.verbose === true);
  const interrupt = listenForInterrupt();
  const opened = await openRegistry({ named: options.model ?? process.env.DRAGOMAN_MODEL });
  const target = await resolveModel(opened, options.model);
  const printer = createAnswerPrinter(printMode(options), notes);

  const call: CompletionCall = { ...question, model: target.model, signal: interrupt.signal };
  const { completion, error } = await answerOf(patient(target.provider, notes), call, options, printer);
  if (completion !== undefined) conclude(completion, options, printer, notes);
  if (error !== undefined) {
    if (stopped(error, interrupt)) {
      interrupted(notes);
      return;
    }
    throw await withNearestNames(error, opened.registry, target.reference);
  }
  interrupt.dispose();
  if (completion === undefined) return;
  if (schema !== undefined) await checkAnswer(completion, schema, notes.warning);
  tellFinish(completion, target);
}

async function composeQuestion(
  words: readonly string[],
  options: AskOptions,
  schema: JsonSchema | undefined,
): Promise<Omit<CompletionCall, "model">> {
  const images = await Promise.all(options.image.map(readImage));
  const prompt = composePrompt(words, await readPipedInput());
  return {
    messages: [
      ...(options.system === undefined ? [] : [systemMessage(options.system)]),
      userMessage([...images, { type: "text", text: prompt }]),
    ],
    ...(schema === undefined ? {} : { output: { type: "json" as const, schema, name: "answer" } }),
    ...(options.maxTokens === undefined ? {} : { maxOutputTokens: options.maxTokens }),
    ...(options.temperature === undefined ? {} : { temperature: options.temperature }),
    ...(options.effort === undefined ? {} : { reasoning: { effort: options.effort } }),
    ...(options.timeout === undefined ? {} : { timeouts: { totalMs: options.timeout * 1000 } }),
  };
}

function printMode({ json, stream }: AskOptions): { readonly json: boolean; readonly stream: boolean } {
  return { json: json === true, stream: stream ?? (json !== true && process.stdout.isTTY === true) };
}

/** Tries again where that is safe, and says so. */
function patient(provider: Provider, notes: SideNotes): Provider {
  return retry(provider, {
    onRetry: ({ error, delayMs }) => notes.note(`${provider.id} ${error.code}; trying again in ${duration(delayMs)}`),
  });
}

interface Outcome {
  /** The answer, or what had arrived of it. */
  readonly completion?: Completion;
  readonly error?: DragomanError;
}

/**
 * Asks for a stream also where the answer is printed whole, so that an interrupt loses nothing; `--no-stream` alone asks
 * the vendor for one piece.
 */
async function answerOf(provider: Provider, call: CompletionCall, options: AskOptions, printer: AnswerPrinter): Promise<Outcome> {
  const folded = createFold();
  try {
    for await (const event of options.stream === false ? inOnePiece(provider, call) : provider.stream(call)) {
      folded.push(event);
      printer.event(event);
    }
  } catch (thrown) {
    return { error: toDragomanError(thrown) };
  }
  const { terminal } = folded;
  if (terminal?.type !== "error") return { completion: folded.completion() };
  const partial = terminal.partial ?? folded.completion();
  return { error: terminal.error, ...(partial.message.parts.length === 0 ? {} : { completion: partial }) };
}

async function* inOnePiece(provider: Provider, call: CompletionCall): AsyncGenerator<StreamEvent> {
  yield* streamFromCompletion(await provider.complete(call));
}

function conclude(completion: Completion, options: AskOptions, printer: AnswerPrinter, notes: SideNotes): void {
  printer.end(completion);
  const { json, stream } = printMode(options);
  if (json || !stream) for (const warning of completion.warnings) notes.warning(warning);
  notes.summary(completion);
}

function stopped(error: DragomanError, interrupt: Interrupt): boolean {
  return error.code === "aborted" && interrupt.signal.aborted;
}

function interrupted(notes: SideNotes): void {
  notes.note("stopped");
  process.exitCode = EXIT.interrupted;
}

/** An end that a person would not notice, or that a script should. */
function tellFinish({ finish, message }: Completion, { reference }: NamedModel): void {
  if (finish.reason === "length") process.stderr.write("the answer was cut off at the output limit; raise --max-tokens\n");
  if (finish.reason === "content-filter" || finish.reason === "error") {
    const why = finish.detail ?? finish.raw ?? finish.reason;
    process.stderr.write(`${reference} did not complete the answer: ${why}. Next: change the question or the model\n`);
    process.exitCode = EXIT.failed;
  } else if (message.parts.length === 0)
    process.stderr.write(`${reference} gave an empty answer (${finish.raw ?? finish.reason})\n`);
}
