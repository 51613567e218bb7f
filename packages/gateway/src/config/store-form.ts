/** Where the gateway keeps what it must not lose: one line of text, or for PostgreSQL a table. */
import { hostname } from "node:os";
import { z } from "zod";
import type { StoreConfiguration } from "../configuration.ts";
import { defaulted, either, type Form, object, required } from "./form.ts";
import { duration, text } from "./leaves.ts";

type PostgresStore = Extract<StoreConfiguration, { readonly type: "postgres" }>;

const ERROR = "it must be memory, sqlite:FILE, postgres://… or env:NAME, which holds such an address";
const shortForm = z
  .string({ error: ERROR })
  .regex(/^(?:memory$|sqlite:\S|postgres(?:ql)?:\/\/\S|(?:env|file|exec):\S)/, { error: ERROR });

/** A file of its own beside PostgreSQL, for what a node has not passed on yet. */
export const DEFAULT_STORE_FILE = "./dragoman.db";

const postgres = object<Omit<PostgresStore, "type">>({
  url: required(text, "Address of the database, by reference where it holds a password, as `env:DATABASE_URL`."),
  file: defaulted(text, DEFAULT_STORE_FILE, "SQLite file of this node, for what it has not passed on yet."),
  node: defaulted(text, () => hostname(), "Name of this node, unlike that of any other.", { defaultText: "the host's name" }),
  leaseMs: defaulted(duration(1000), 10_000, "How long a node may spend its share of a limit on its own.", { name: "lease" }),
});

const value = z.union(
  [
    shortForm,
    z.strictObject({ type: z.literal("memory") }),
    z.strictObject({ type: z.literal("sqlite"), file: z.string().min(1) }),
    z.strictObject({
      type: z.literal("postgres"),
      url: z.string().min(1),
      file: z.string().min(1).optional(),
      node: z.string().min(1).optional(),
      leaseMs: z.number().min(1000).optional(),
    }),
  ],
  { error: ERROR },
);

export const storeForm: Form<StoreConfiguration> = {
  file: either(shortForm, postgres.file, ERROR),
  value,
  read: (said) => (typeof said === "string" ? expand(said) : { type: "postgres", ...postgres.read(said) }),
  fill: (given) => {
    const checked = value.parse(given);
    if (typeof checked === "string") return expand(checked);
    if (checked.type !== "postgres") return checked;
    const { type, ...rest } = checked;
    return { type, ...postgres.fill(rest) };
  },
  write: (store) => {
    if (store.type === "memory") return "memory";
    if (store.type === "sqlite") return `sqlite:${store.file}`;
    const { type: _type, ...rest } = store;
    return postgres.write(rest);
  },
  ...(postgres.fields && { fields: postgres.fields }),
};

function expand(said: string): StoreConfiguration {
  if (said === "memory") return { type: "memory" };
  if (said.startsWith("sqlite:")) return { type: "sqlite", file: said.slice("sqlite:".length) };
  return { type: "postgres", ...postgres.fill({ url: said }) };
}
