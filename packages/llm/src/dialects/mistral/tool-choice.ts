/** The choice among tools in the words that Mistral has: `auto` and `any`. A named tool is the only one on offer then. */
import type { CompletionRequest } from "../../request.ts";
import { isVendorTool } from "../../tool.ts";
import type { Warning } from "../../warning.ts";

/** The tools and the choice as the codec inside is asked for them. */
export function narrowTools(request: CompletionRequest, warnings: Warning[]): Pick<CompletionRequest, "tools" | "toolChoice"> {
  const { tools, toolChoice } = request;
  const given = tools === undefined ? {} : { tools };
  if (tools === undefined || toolChoice === undefined || toolChoice === "auto" || toolChoice === "required") {
    return toolChoice === undefined ? given : { ...given, toolChoice };
  }
  if (toolChoice === "none") {
    // With tools on offer, the models write the call as text instead.
    warnings.push({ type: "lossy", path: "toolChoice", detail: "none is said by leaving the tools out" });
    return {};
  }
  const named = tools.filter((tool) => !isVendorTool(tool) && tool.name === toolChoice.tool);
  if (named.length === 0) {
    warnings.push({ type: "unsupported", path: "toolChoice", detail: `there is no tool ${toolChoice.tool}; it was left out` });
    return given;
  }
  const detail = `a call of ${toolChoice.tool} is forced by offering no other tool`;
  warnings.push({ type: "lossy", path: "toolChoice", detail });
  return { tools: named, toolChoice: "required" };
}
