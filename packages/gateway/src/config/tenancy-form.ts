/** Agents, teams and keys, with the limits that stand in them. */
import type { AgentEntry, KeyEntry, KeyRestrictions, TeamEntry } from "../configuration.ts";
import { type Form, list, object, optional, required, short } from "./form.ts";
import { addresses, flag, modelName, moment, secretReference, text } from "./leaves.ts";
import { type DraftRule, limitForm } from "./limit-form.ts";

/** What a file may say in any of them. */
export interface LimitsWithin {
  readonly limits?: readonly DraftRule[];
  readonly budgets?: readonly DraftRule[];
}

const limitsOf = (whose: string) => ({
  limits: optional(list(limitForm), `Limits of ${whose}.`),
  budgets: optional(list(limitForm), `Budgets of ${whose}.`),
});

export type AgentDraft = AgentEntry & LimitsWithin;

export const agentForm: Form<AgentDraft> = short(
  object<AgentDraft>({
    model: required(modelName, "A route, or `provider:model`. The agent may call it as `agent:NAME`."),
    ...limitsOf("this agent"),
  }),
  {
    schema: modelName.file,
    isShort: (said) => typeof said === "string",
    expand: (model) => ({ model }),
    shorten: ({ model, limits, budgets }) => (limits === undefined && budgets === undefined ? model : undefined),
    error: "it must be a model or a route, or a table with model",
  },
);

const models = "Names of routes and models, `*` at the end for any rest.";

export type TeamDraft = TeamEntry & LimitsWithin;

export const teamForm: Form<TeamDraft> = object<TeamDraft>({
  models: optional(list(modelName), models, { defaultText: "all" }),
  ...limitsOf("this team"),
});

export type KeyDraft = KeyEntry & LimitsWithin;

/** In a file, what a key may do stands beside the key. */
type FlatKey = Omit<KeyDraft, "restrictions"> & KeyRestrictions;

const base = {
  key: required(
    secretReference,
    "Where the key is: `env:NAME`, `file:PATH` or `exec:COMMAND`. The key itself never stands here.",
  ),
  team: optional(text, "The team to which it belongs."),
};

const restrictions = {
  models: optional(list(modelName), models, { defaultText: "all of its team" }),
  paths: optional(list(text), "Paths under which it may call, as `/v1/chat/completions`; `*` at the end for any rest.", {
    defaultText: "all",
  }),
  addresses: optional(list(addresses), "Addresses from which it may call, as `10.0.0.0/8`.", { defaultText: "all" }),
  expiresAt: optional(moment, "When it ends, as `2027-01-31`: a date begins at midnight UTC.", {
    name: "expires",
    defaultText: "never",
  }),
  admin: optional(flag, "Whether it may use the admin API.", { defaultText: "false" }),
};

const flat = object<FlatKey>({ ...base, ...restrictions, ...limitsOf("this key") });
const grouped = object<Omit<KeyDraft, "restrictions"> & { readonly restrictions?: KeyRestrictions }>({
  ...base,
  restrictions: optional(object<KeyRestrictions>(restrictions), "What it may do."),
  ...limitsOf("this key"),
});

export const keyForm: Form<KeyDraft> = {
  file: flat.file,
  value: grouped.value,
  read: (said) => {
    const { key, team, limits, budgets, ...rest } = flat.read(said);
    return { key, ...(team && { team }), restrictions: rest, ...(limits && { limits }), ...(budgets && { budgets }) };
  },
  fill: (given) => {
    const filled = grouped.fill(given);
    return { ...filled, restrictions: filled.restrictions ?? {} };
  },
  write: ({ restrictions: own, ...rest }) => flat.write({ ...rest, ...own }),
  ...(flat.fields && { fields: flat.fields }),
};
