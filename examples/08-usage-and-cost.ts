/** What calls used and cost, added up by session. Unknown stays unknown: it is counted beside the sum, not as 0 in it. */
import { costOf, createSessionUsage, openai, trackUsage, userMessage } from "@dragoman/llm";
import { chooseModel } from "./model.ts";

const { provider, model } = chooseModel();
const usage = createSessionUsage();
const counted = trackUsage(provider, usage);

for (const text of ["Name a river.", "Name a longer one."]) {
  const messages = [userMessage(text)];
  const estimate = await counted.countTokens({ model, messages });
  const completion = await counted.complete({ model, messages, metadata: { session: "rivers" } });
  const { inputTokens = "?", outputTokens = "?" } = completion.usage;
  console.log(
    `${inputTokens} tokens in (counted before: ${estimate.tokens}), ${outputTokens} out, cost ${completion.cost?.totalUsd ?? "unknown"} USD`,
  );
}

const totals = usage.of("rivers");
if (totals === undefined) throw new Error("nothing was recorded");
console.log(`${totals.calls} calls, ${totals.costUsd} USD, ${totals.callsWithUnknownCost} of unknown cost`);
const elsewhere = costOf(totals.usage, openai().pricing("gpt-4.1-mini"));
console.log(`as many tokens at gpt-4.1-mini: ${elsewhere?.totalUsd.toFixed(7) ?? "unknown"} USD (${elsewhere?.catalogue})`);
