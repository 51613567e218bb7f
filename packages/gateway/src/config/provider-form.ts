/** A provider: what the library takes, and what the gateway adds. Its own options are checked by `check-providers.ts`. */
import {
  CAPABILITY_NAMES,
  type CapabilityFacts,
  isJsonObject,
  type JsonObject,
  type OwnPricing,
  type PriceHours,
  type PriceRates,
  type PriceTier,
} from "@dragoman/llm";
import { z } from "zod";
import type { ProviderEntry } from "../configuration.ts";
import { camelCase, type Field, type Form, list, named, object, optional, required, same, snakeCase } from "./form.ts";
import { amount, anyName, bytes, flag, httpUrl, modelName, secretReference, share, text, whole } from "./leaves.ts";
import { type DraftRule, limitForm } from "./limit-form.ts";
import { timeoutsForm } from "./route-form.ts";

/** As a file has it: its limits stand in it. */
export interface ProviderDraft extends ProviderEntry {
  readonly limits?: readonly DraftRule[];
  readonly budgets?: readonly DraftRule[];
}

const rates: { readonly [Name in keyof PriceRates]-?: Field<number> } = {
  inputPerMillionUsd: optional(amount, "A million tokens of input."),
  outputPerMillionUsd: optional(amount, "A million tokens of output."),
  cacheReadPerMillionUsd: optional(amount, "A million tokens read from the prompt cache.", { defaultText: "as input" }),
  cacheWritePerMillionUsd: optional(amount, "A million tokens written to the prompt cache.", { defaultText: "as input" }),
  cacheWriteOneHourPerMillionUsd: optional(amount, "The same, kept for an hour.", {
    defaultText: "as `cache_write_per_million_usd`",
  }),
  inputAudioPerMillionUsd: optional(amount, "A million tokens of audio that is read."),
  outputAudioPerMillionUsd: optional(amount, "A million tokens of audio that is written."),
  toolCallsPerThousandUsd: optional(amount, "A thousand calls of tools that the vendor runs."),
  webSearchesPerThousandUsd: optional(amount, "A thousand searches of the web."),
  fileSearchesPerThousandUsd: optional(amount, "A thousand searches of stored files."),
  requestsPerThousandUsd: optional(amount, "A thousand requests, beside their tokens."),
};

const TIME_ERROR = "it must be a time of the day in UTC, as 01:00";
const timeOfDay = same(z.string({ error: TIME_ERROR }).regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, { error: TIME_ERROR }));

const pricing = object<OwnPricing>({
  ...rates,
  tiers: optional(
    list(object<PriceTier>({ inputTokensAbove: required(whole(0), "From more input tokens than this on."), ...rates })),
    "Dearer rates for long inputs, ascending: with the same names.",
  ),
  hours: optional(
    list(
      object<PriceHours>({
        fromUtc: required(timeOfDay, "First minute, as `01:00`."),
        toUtc: required(timeOfDay, "The minute after the last."),
        ...rates,
      }),
    ),
    "Other rates at times of the day: with the same names.",
  ),
  batchFactor: optional(share, "What a batch pays: a part of every rate of tokens, as 0.5."),
});

type FactFields = { readonly [Name in keyof CapabilityFacts]-?: Field<Exclude<CapabilityFacts[Name], undefined>> };

const capabilities = object<CapabilityFacts>({
  ...(Object.fromEntries(
    CAPABILITY_NAMES.map((name) => [name, optional(flag, `Whether it can: ${snakeCase(name).replaceAll("_", " ")}.`)]),
  ) as Omit<FactFields, "contextWindowTokens" | "outputTokensMax">),
  contextWindowTokens: optional(whole(1), "Input and output together."),
  outputTokensMax: optional(whole(1), "Most that one answer may be."),
});

/** Keys under these are names, and stay as they are. */
const NAME_TABLES: ReadonlySet<string> = new Set(["deployments"]);

/** What only a vendor's own type takes: any table. Its keys are the library's, in snake_case as all of a file's. */
const optionsForm: Form<JsonObject> = {
  file: z.record(z.string(), z.unknown(), { error: "it must be a table of keys and values" }),
  value: z.record(z.string(), z.unknown(), { error: "it must be a table of keys and values" }),
  read: (said) => tableOf(renameKeys(said, camelCase)),
  fill: tableOf,
  write: (options) => renameKeys(options, snakeCase),
};

function tableOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

function renameKeys(value: unknown, rename: (key: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => renameKeys(item, rename));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [rename(key), NAME_TABLES.has(key) ? one : renameKeys(one, rename)]),
  );
}

export const providerForm: Form<ProviderDraft> = object<ProviderDraft>({
  type: optional(text, "The id of a built-in provider, `openai-compatible`, or the name of an installed package.", {
    defaultText: "its own name here",
  }),
  enabled: optional(flag, "False leaves it out.", { defaultText: "true" }),
  key: optional(
    secretReference,
    "Where the key is: `env:NAME`, `file:PATH` or `exec:COMMAND`. The key itself never stands here.",
    {
      defaultText: "the vendor's usual variable",
    },
  ),
  baseUrl: optional(httpUrl, "Another address than the vendor's own."),
  headers: optional(named(text, anyName), "Sent with each request. No keys: those go under `key`."),
  timeouts: optional(timeoutsForm, "Deadlines of its calls."),
  streamBytesMax: optional(bytes, "The longest streamed answer, as it comes over the wire, unpacked.", {
    name: "stream_max",
    defaultText: "128MiB",
  }),
  prices: optional(named(pricing, anyName), "Own prices by model, over the catalogue's."),
  aliases: optional(named(modelName, anyName), "Short names for its models."),
  capabilities: optional(named(capabilities, anyName), "What you know of its models, by model."),
  options: optional(optionsForm, "What only this type of provider takes, as `region`."),
  defaultModel: optional(modelName, "The model that is meant where a caller names the provider alone."),
  fallback: optional(list(modelName), "Models or routes that stand in when this provider fails."),
  limits: optional(list(limitForm), "Limits of this provider: as `limits`, with `of: { provider: NAME }`."),
  budgets: optional(list(limitForm), "The same, for budgets."),
});
