/** What clients call, and what stands behind it. */
import { CAPABILITY_NAMES, type CapabilityName, type Timeouts } from "@dragoman/llm";
import { z } from "zod";
import type { Commit, ComplexityConfiguration, ModelRoute, RouteTargetEntry, TargetCondition } from "../configuration.ts";
import {
  camelCase,
  defaulted,
  either,
  type Form,
  list,
  named,
  object,
  optional,
  required,
  short,
  snakeCase,
  textual,
} from "./form.ts";
import { amount, anyName, choice, duration, flag, modelName, share, text, whole } from "./leaves.ts";
import { STANDARD_CONFIGURATION } from "./standard-configuration.ts";

export const timeoutsForm: Form<Timeouts> = object<Timeouts>({
  connectMs: optional(duration(), "To a connection.", { name: "connect", defaultText: "5s" }),
  firstByteMs: optional(duration(), "From the request sent to the answer's headers.", { name: "first_byte", defaultText: "5m" }),
  firstTokenMs: optional(duration(), "From the request sent to the first piece of a stream.", {
    name: "first_token",
    defaultText: "2m",
  }),
  idleMs: optional(duration(), "Between two pieces of a body.", { name: "idle", defaultText: "2m" }),
  totalMs: optional(duration(), "The whole call.", { name: "total", defaultText: "no limit" }),
});

const { timeouts: deadlines } = STANDARD_CONFIGURATION.failing;

/** Deadlines for all, where what is not said has its default. */
export const generalTimeoutsForm: Form<Timeouts> = {
  ...timeoutsForm,
  read: (said) => ({ ...deadlines, ...timeoutsForm.read(said) }),
  fill: (given) => ({ ...deadlines, ...timeoutsForm.fill(given) }),
};

const COMMIT_ERROR = "it must be first-token, full, or { characters: NUMBER }";
const characters = object<{ readonly characters: number }>({
  characters: required(whole(1, 1_000_000), "Held back until so many characters have come."),
});

export const commitForm: Form<Commit> = {
  file: either(z.enum(["first-token", "full"]), characters.file, COMMIT_ERROR),
  value: either(z.enum(["first-token", "full"]), characters.value, COMMIT_ERROR),
  read: (said) => (said === "first-token" || said === "full" ? said : characters.read(said)),
  fill: (given) => (given === "first-token" || given === "full" ? given : characters.fill(given)),
  write: (commit) => commit,
};

const snakeNames = CAPABILITY_NAMES.map(snakeCase);
const [firstName = "", ...otherNames] = snakeNames;

/** A capability's name in the file's spelling. */
const capability: Form<CapabilityName> = textual({
  file: z.enum([firstName, ...otherNames]),
  value: z.enum(CAPABILITY_NAMES),
  read: (said) => CAPABILITY_NAMES.find((name) => name === camelCase(said)) ?? "tools",
  write: snakeCase,
});

const condition = object<TargetCondition>({
  tags: optional(named(text, anyName), "Tags of the call, each with this value."),
  teams: optional(list(text), "The caller's team is one of these."),
  agents: optional(list(text), "The agent is one of these."),
  inputTokensMin: optional(whole(0), "The prompt, estimated, has at least so many tokens."),
  inputTokensMax: optional(whole(0), "The prompt, estimated, has at most so many tokens."),
  tools: optional(flag, "The call brings tools, or brings none."),
  images: optional(flag, "The call brings images, or brings none."),
  output: optional(choice("text", "json"), "What the call asks for."),
  capabilities: optional(list(capability), "The model is known to have these."),
});

const TARGET_ERROR = "it must be a model, as openai:gpt-5, or a table with model";
const isText = (said: unknown): said is string => typeof said === "string";

export const targetForm: Form<RouteTargetEntry> = short(
  object<RouteTargetEntry>({
    model: required(modelName, "The model, as `provider:model`."),
    weight: defaulted(amount, 1, "Share among targets of the same order."),
    order: defaulted(whole(0, 1_000_000), 0, "Only the eligible targets of the lowest order are chosen from."),
    when: optional(condition, "Only for calls for which all of this holds.", { defaultText: "every call" }),
    timeouts: optional(timeoutsForm, "Deadlines of this target.", { defaultText: "those of the route" }),
  }),
  {
    schema: modelName.file,
    isShort: isText,
    expand: (model) => ({ model }),
    shorten: ({ model, weight, order, when, timeouts }) =>
      weight === 1 && order === 0 && when === undefined && timeouts === undefined ? model : undefined,
    error: TARGET_ERROR,
  },
);

const complexity = object<ComplexityConfiguration>({
  mode: defaulted(choice("off", "shadow", "act"), "shadow", "`shadow` only writes down what it would have done."),
  simple: required(modelName, "Asked for tasks that are judged simple, as `provider:model`."),
  simpleBelow: defaulted(share, 0.35, "Below this score a task is simple."),
  margin: defaulted(share, 0.1, "Within this distance of the border nothing changes."),
});

const someTargets: Form<readonly RouteTargetEntry[]> = {
  ...list(targetForm),
  file: z.array(targetForm.file, { error: "it must be a list of models" }).min(1, { error: "a route needs at least one target" }),
  value: z
    .array(targetForm.value, { error: "it must be a list of models" })
    .min(1, { error: "a route needs at least one target" }),
};

const ROUTE_ERROR = "it must be a model, as openai:gpt-5, a list of models, or a table with targets";

export const routeForm: Form<ModelRoute> = short(
  object<ModelRoute>({
    targets: required(someTargets, "The models that may answer, as `provider:model`."),
    strategy: defaulted(choice("order", "weight", "latency", "cost"), "order", "How one of the targets is chosen."),
    fallback: defaulted(list(targetForm), [], "Models or routes that are asked in turn when all targets have failed."),
    overflow: defaulted(
      list(targetForm),
      [],
      "Models or routes that are asked instead of `fallback` when the prompt overflows a context window.",
      {
        defaultText: "those of the others that are larger",
      },
    ),
    sticky: defaulted(flag, true, "Whether a session stays with the target that holds its prompt cache."),
    commit: optional(commitForm, "When a stream is given out.", { defaultText: "`failing.commit`" }),
    timeouts: optional(timeoutsForm, "Deadlines of each attempt.", { defaultText: "`failing.timeouts`" }),
    attemptsPerTarget: optional(whole(1, 20), "Attempts at one target, the first included.", {
      defaultText: "`failing.attempts_per_target`",
    }),
    complexity: optional(complexity, "Simple tasks to a cheaper model, decided here, without a call.", { defaultText: "off" }),
    cache: optional(flag, "False: answers of this route are never cached.", { defaultText: "as `cache` says" }),
  }),
  {
    schema: either(modelName.file, someTargets.file, ROUTE_ERROR),
    isShort: (said) => isText(said) || Array.isArray(said),
    expand: (said) => ({
      targets: Array.isArray(said) ? said.map((one) => (isText(one) ? { model: one } : targetForm.read(one))) : [{ model: said }],
    }),
    shorten: () => undefined,
    error: ROUTE_ERROR,
  },
);
