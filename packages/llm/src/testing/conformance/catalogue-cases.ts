import { CAPABILITY_NAMES } from "../../capabilities.ts";
import { userMessage } from "../../message.ts";
import type { ConformanceCase, ProviderSubject } from "./conformance-case.ts";
import { errorOf, expectCode, expectTrue } from "./expect.ts";
import { withProvider } from "./with-provider.ts";

export function catalogueCases(subject: ProviderSubject): readonly ConformanceCase[] {
  const { models, lacks, secret } = subject;
  const hello = [userMessage("Hello.")];
  return [
    {
      name: "lists its models",
      run: withProvider(subject, async ({ provider }) => {
        const listed = await provider.models();
        expectTrue(listed.length > 0, "the list is empty");
        expectTrue(
          listed.every((model) => model.provider === provider.id && model.id !== ""),
          "a row lacks its provider or id",
        );
      }),
    },
    {
      name: "knows, or says that it does not know, every capability",
      run: withProvider(subject, async ({ provider }) => {
        const capabilities = provider.capabilities(models.text);
        for (const name of CAPABILITY_NAMES) {
          const { answer, source } = capabilities[name];
          expectTrue(answer === "unknown" || source !== "none", `${name} is ${answer} without a source`);
        }
        expectTrue(
          provider.capabilities("a-model-that-nobody-knows").audio.answer !== "yes",
          "an unknown model is said to take audio",
        );
      }),
    },
    {
      name: "has no price for a model that nobody knows",
      run: withProvider(subject, async ({ provider }) => {
        const pricing = provider.pricing("a-model-that-nobody-knows");
        expectTrue(pricing === undefined || pricing.catalogue === "simulated", "an unknown price is given as known");
      }),
    },
    {
      name: "counts tokens and says how",
      ...(lacks?.countTokens === undefined ? {} : { unavailable: lacks.countTokens }),
      run: withProvider(subject, async ({ provider }) => {
        const short = await provider.countTokens({ model: models.text, messages: hello });
        const long = await provider.countTokens({
          model: models.text,
          messages: [userMessage("Hello to everybody in this large and beautiful town of ours.")],
        });
        expectTrue(short.tokens > 0 && long.tokens > short.tokens, `counted ${short.tokens} and ${long.tokens}`);
        expectTrue(short.exact === (short.method === "endpoint"), "exact and method contradict each other");
      }),
    },
    {
      name: "says that a model does not exist",
      run: withProvider(subject, async ({ provider }) => {
        const error = await errorOf(provider.complete({ model: "no-such-model-anywhere", messages: hello }));
        expectCode(error, "model_not_found");
        expectTrue(error.provider === provider.id && !error.retryable, "the error lacks its provider, or asks for a retry");
      }),
    },
    {
      name: "says that a key is refused, without showing it",
      ...(lacks?.keys === undefined ? {} : { unavailable: lacks.keys }),
      run: withProvider(
        subject,
        async ({ provider }) => {
          const error = await errorOf(provider.complete({ model: models.text, messages: hello }));
          expectCode(error, "authentication");
          expectTrue(
            secret === undefined || !`${error.message}${JSON.stringify(error)}${error.stack}`.includes(secret),
            "the error shows the key",
          );
          const availability = await provider.availability();
          expectTrue(!availability.available, "it says that it can be used");
        },
        "bad-key",
      ),
    },
    {
      name: "says that it can be used",
      run: withProvider(subject, async ({ provider }) => {
        const availability = await provider.availability();
        expectTrue(availability.available, `it says ${JSON.stringify(availability)}`);
      }),
    },
  ];
}
