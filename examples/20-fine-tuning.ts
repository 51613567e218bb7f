/** Trains a model on conversations and follows it to its end. A fake vendor stands in; leave out its lines for the real one. */
import { assistantMessage, openai, Secret, systemMessage, type TrainingExample, userMessage, watchFineTune } from "@dragoman/llm";
import { startFakeVendor } from "@dragoman/llm/testing";

const vendor = await startFakeVendor("openai");
const provider = openai({ baseUrl: vendor.baseUrl, key: new Secret("any-key") });
const tuning = provider.fineTuning;
if (tuning === undefined) throw new Error("this vendor has no fine-tuning");

const words = ["river", "lake", "sea", "brook", "pond", "ocean", "canal", "bay", "fjord", "gulf"];
const examples = words.map(
  (word): TrainingExample => ({
    messages: [systemMessage("Be brief."), userMessage(`What is a ${word}?`), assistantMessage("Water.")],
  }),
);

const started = await tuning.start({ model: "gpt-4.1-mini", training: { examples }, suffix: "brief", epochs: 1 });
for await (const { job, events } of watchFineTune(tuning, started.id, { everyMs: 10 })) {
  for (const { step, stepsTotal, trainingLoss } of events) {
    if (trainingLoss !== undefined) console.log(`step ${step} of ${stepsTotal}: loss ${trainingLoss.toFixed(2)}`);
  }
  if (job.tunedModel !== undefined) console.log(`${job.status}: call it as openai:${job.tunedModel}`);
}
await vendor.close();
