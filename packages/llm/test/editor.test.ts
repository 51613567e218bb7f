/**
 * What an editor shows: hover texts and completions, asked of TypeScript's own language service. The marks in the sample say
 * where: each stands right before its place. The service is that of `docs/reference`, as TypeScript 7 has none to call.
 */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";

type TypeScript = typeof import("../../../docs/reference/node_modules/typescript/lib/typescript.js");
type StringLiteralLike = import("../../../docs/reference/node_modules/typescript/lib/typescript.js").StringLiteralLike;

const ROOT = resolve(import.meta.dirname, "../../..");
const ENTRY = join(ROOT, "packages/llm/src/index.ts");
const SAMPLE = join(ROOT, "packages/llm/test/an-editor-has-this-open.ts");

const TEXT = `
import { anthropic, cache, compose, createRegistry, openai, retry, userMessage, vertex, vllm } from "@dragoman/llm";
const messages = [userMessage("Hello")];
const /*claude*/claude = anthropic();
const /*wrapped*/wrapped = compose(openai(), retry, (one) => cache(one));
const /*google*/google = vertex();
const /*engine*/engine = vllm();
const /*completion*/completion = await claude./*complete*/complete({
  /*model*/model: "/*models*/",
  messages,
  /*vendorOptions*/vendorOptions: {
    "/*dialects*/": {},
    /*ofDialect*/"anthropic-messages": { "/*fields*/": 1, /*field*/service_tier: "/*values*/" },
  },
  /*reasoning*/reasoning: { effort: "/*efforts*/" },
});
await wrapped.complete({ model: "/*wrappedModels*/", messages });
await engine.complete({ /*anyModel*/model: "any", messages });
for await (const event of claude.stream({ model: "claude", messages })) {
  if (event.type === "/*events*/") continue;
  if (event.type === "finish") /*finish*/event;
  if (event.type === "error") /*error*/event.error./*code*/code;
  if (event.type === "error" && event.error.code === "/*codes*/") continue;
  if (event.type === "tool-call-start") /*toolCall*/event./*toolName*/name;
}
const { /*provider*/provider } = createRegistry([claude])./*resolve*/resolve("/*references*/");
for (const part of completion./*message*/message.parts) {
  if (part.type === "reasoning") /*part*/part.vendor?.["anthropic-messages"]?./*vendorData*/signature;
}
export { google, provider };
`;

const editor = openEditor();

test("a provider shows whose models it serves, and keeps it under policies", () => {
  expect(editor.hover("claude")).toBe("const claude: Provider<AnthropicModel>");
  expect(editor.hover("wrapped")).toBe("const wrapped: Provider<OpenAIModel>");
  expect(editor.hover("google")).toBe("const google: Provider<VertexModel>");
  expect(editor.hover("engine")).toBe("const engine: Provider<string>");
  expect(editor.hover("provider")).toBe("const provider: Provider<string>");
});

test("a call shows names, not what they stand for", () => {
  expect(editor.hover("complete")).toBe(
    "(method) Provider<AnthropicModel>.complete(call: CompletionCall<AnthropicModel>): Promise<Completion>",
  );
  expect(editor.hover("completion")).toBe("const completion: Completion");
  expect(editor.hover("model")).toBe("(property) CompletionCall<AnthropicModel>.model: AnthropicModel");
  expect(editor.hover("anyModel")).toBe("(property) CompletionCall<string>.model: string");
  expect(editor.hover("vendorOptions")).toMatch(/\.vendorOptions\?: VendorOptions$/);
  expect(editor.hover("ofDialect")).toBe('(property) VendorOptions["anthropic-messages"]?: AnthropicMessagesOptions');
  expect(editor.hover("field")).toMatch(
    /^\(property\) AnthropicMessagesOptions\.service_tier\?: Suggested<"auto" \| "standard_only">/,
  );
  expect(editor.hover("reasoning")).toMatch(/\.reasoning\?: ReasoningRequest$/);
  expect(editor.hover("resolve")).toBe("(method) Registry.resolve(reference: ModelReference): ResolvedModel");
});

test("an answer, an event and an error show names once they are narrowed", () => {
  expect(editor.hover("message")).toBe("(property) Completion.message: AssistantMessage");
  expect(editor.hover("part")).toBe("const part: ReasoningPart");
  expect(editor.hover("finish")).toBe("const event: FinishEvent");
  expect(editor.hover("error")).toBe("const event: ErrorEvent");
  expect(editor.hover("code")).toBe("(property) DragomanError.code: ErrorCode");
  expect(editor.hover("toolName")).toBe("(property) name: string");
});

test("models are offered where one is asked for, short names among them", () => {
  expect(editor.completions("models")).toEqual(expect.arrayContaining(["claude-sonnet", "claude-sonnet-5"]));
  expect(editor.completions("models")).not.toContain("gpt");
  expect(editor.completions("wrappedModels")).toEqual(expect.arrayContaining(["gpt", "gpt-mini"]));
  expect(editor.completions("references")).toEqual(expect.arrayContaining(["anthropic:claude-sonnet", "openai:gpt"]));
});

test("options of each wire are offered, with their values", () => {
  expect(editor.completions("dialects")).toEqual(expect.arrayContaining(["anthropic-messages", "gemini", "openai-chat"]));
  expect(editor.completions("fields")).toEqual(expect.arrayContaining(["betas", "mcp_servers", "cache_control"]));
  expect(editor.completions("values")).toEqual(["auto", "standard_only"]);
  expect(editor.completions("efforts")).toEqual(expect.arrayContaining(["none", "low", "max"]));
});

test("kinds of events, codes of errors and vendor data are offered", () => {
  expect(editor.completions("events")).toEqual(expect.arrayContaining(["text-delta", "tool-call-end", "finish", "error"]));
  expect(editor.completions("codes")).toEqual(expect.arrayContaining(["rate_limited", "context_overflow"]));
  expect(editor.completions("vendorData")).toEqual(expect.arrayContaining(["signature", "data"]));
});

interface Editor {
  hover(mark: string): string | undefined;
  completions(mark: string): readonly string[];
}

function openEditor(): Editor {
  const ts: TypeScript = createRequire(join(ROOT, "docs/reference/package.json"))("typescript");
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, types: [] }, ROOT);
  const service = ts.createLanguageService({
    getCompilationSettings: () => options,
    getScriptFileNames: () => [SAMPLE],
    getScriptVersion: () => "1",
    getScriptSnapshot: (file) => {
      if (file === SAMPLE) return ts.ScriptSnapshot.fromString(TEXT);
      return existsSync(file) ? ts.ScriptSnapshot.fromString(readFileSync(file, "utf8")) : undefined;
    },
    getCurrentDirectory: () => ROOT,
    getDefaultLibFileName: (chosen) => ts.getDefaultLibFilePath(chosen),
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
    resolveModuleNameLiterals: (literals, from) =>
      literals.map((literal) => {
        const file = literal.text === "@dragoman/llm" ? ENTRY : resolve(dirname(from), literal.text);
        if (from !== SAMPLE && !bearsOnTypes(ts, literal)) return { resolvedModule: undefined };
        return { resolvedModule: { resolvedFileName: file, extension: ts.Extension.Ts, isExternalLibraryImport: false } };
      }),
  });

  /** Right behind the mark. */
  function placeOf(mark: string): number {
    const place = TEXT.indexOf(`/*${mark}*/`);
    if (place < 0) throw new Error(`the sample has no mark ${mark}`);
    return place + mark.length + 4;
  }

  return {
    hover(mark) {
      const shown = service.getQuickInfoAtPosition(SAMPLE, placeOf(mark));
      return shown && ts.displayPartsToString(shown.displayParts);
    },
    completions(mark) {
      const offered = service.getCompletionsAtPosition(SAMPLE, placeOf(mark), {});
      return (offered?.entries ?? []).map(({ name }) => name);
    },
  };
}

/**
 * Whether an import can matter to what a caller sees: only of our own sources, and only what is imported as a type,
 * exported again or added to. The rest, most of the library, need not be read: that would be most of this test's time.
 */
function bearsOnTypes(ts: TypeScript, { text, parent }: Pick<StringLiteralLike, "text" | "parent">): boolean {
  if (!text.startsWith(".")) return false;
  if (ts.isExportDeclaration(parent) || ts.isModuleDeclaration(parent)) return true;
  if (!ts.isImportDeclaration(parent) || parent.importClause === undefined) return false;
  const { isTypeOnly, namedBindings } = parent.importClause;
  const named = namedBindings !== undefined && ts.isNamedImports(namedBindings) ? namedBindings.elements : [];
  return isTypeOnly || named.some((one) => one.isTypeOnly);
}
