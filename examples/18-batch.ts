/** Many questions at half the price, as one job at the vendor. A fake vendor stands in; leave out its lines for the real one. */
import { anthropic, type BatchItem, Secret, textOf, userMessage, watchBatch } from "@dragoman/llm";
import { startFakeVendor } from "@dragoman/llm/testing";

const vendor = await startFakeVendor("anthropic");
const provider = anthropic({ baseUrl: vendor.baseUrl, key: new Secret("any-key") });
const { batches } = provider;
if (batches === undefined) throw new Error("this vendor has no batches: see runBatch");

const items = ["Oslo", "Rome", "Lima"].map(
  (city): BatchItem => ({
    id: city.toLowerCase(),
    request: { model: "claude-sonnet-4-5", messages: [userMessage(`One sentence on ${city}.`)], maxOutputTokens: 100 },
  }),
);

// Keep the id: the job goes on without this program, and another one can collect it.
const { id } = await batches.submit(items);
for await (const { status, counts } of watchBatch(batches, id, { everyMs: 10 })) {
  console.log(`${status}: ${counts?.succeeded} of ${counts?.total}`);
}

let costUsd = 0;
for await (const result of batches.results(id)) {
  if ("error" in result) {
    console.log(`${result.id} failed: ${result.error.message}`);
    continue;
  }
  costUsd += result.completion.cost?.totalUsd ?? Number.NaN;
  console.log(`${result.id}: ${textOf(result.completion.message)}`);
}
console.log(`${costUsd.toFixed(6)} USD, half of what the calls would cost`);
await vendor.close();
