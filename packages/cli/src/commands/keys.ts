/** `dragoman keys`: create, list, rotate, revoke and restrict keys. */
import { printable } from "../printable.ts";
import { type Column, renderTable } from "../table.ts";
import { parseExpiry } from "./keys-expiry.ts";
import type { KeyView } from "./keys-gateway.ts";
import { commandActor, type StoreOptions, withStore } from "./keys-store.ts";

type Restrictions = KeyView["restrictions"];

export interface RestrictionOptions {
  readonly models?: readonly string[];
  readonly paths?: readonly string[];
  readonly addresses?: readonly string[];
  readonly expires?: string;
  readonly admin?: boolean;
}

export interface CreateKeyOptions extends StoreOptions, RestrictionOptions {
  readonly team?: string;
}

export interface RestrictKeyOptions extends StoreOptions, RestrictionOptions {
  readonly lift: readonly string[];
}

export async function createKey(name: string, options: CreateKeyOptions): Promise<void> {
  const restrictions = restrictionsOf(options);
  await withStore(options, "write", async ({ tenancy }) => {
    const team = options.team === undefined ? {} : { team: options.team };
    tellKey(await tenancy.createKey({ name, ...team, restrictions }, commandActor()), options);
  });
}

export async function rotateKey(id: string, options: StoreOptions & { readonly overlap?: string }): Promise<void> {
  const now = Date.now();
  const overlap = options.overlap === undefined ? {} : { overlapMs: parseExpiry(options.overlap, now) - now };
  await withStore(options, "write", async ({ tenancy }) => {
    tellKey(await tenancy.rotateKey(id, overlap, commandActor()), options);
  });
}

export async function revokeKey(id: string, options: StoreOptions): Promise<void> {
  await withStore(options, "write", async ({ tenancy }) => {
    tell(await tenancy.revokeKey(id, commandActor()), options);
  });
}

/** What is named is set, what is lifted is gone, the rest stays. */
export async function restrictKey(id: string, options: RestrictKeyOptions): Promise<void> {
  const changed = restrictionsOf(options);
  const lifted = new Set(options.lift.map((kind) => (kind === "expires" ? "expiresAt" : kind)));
  await withStore(options, "write", async ({ tenancy }) => {
    const held =
      tenancy.keys().find((key) => key.id === id) ?? tenancy.keys().find((key) => key.name === id && key.state === "active");
    const kept = Object.entries(held?.restrictions ?? {}).filter(([kind]) => !lifted.has(kind));
    tell(await tenancy.restrictKey(id, { ...Object.fromEntries(kept), ...changed }, commandActor()), options);
  });
}

export async function listKeys(options: StoreOptions & { readonly all?: boolean }): Promise<void> {
  await withStore(options, "read", async ({ tenancy }) => {
    const keys = tenancy.keys().filter(({ state }) => options.all === true || state !== "revoked");
    if (options.json === true) console.log(JSON.stringify(keys, null, 2));
    else if (keys.length === 0) console.error("there are no keys yet; dragoman keys create NAME makes one");
    else
      for (const line of renderTable(COLUMNS, keys.map(cells), process.stdout.isTTY ? process.stdout.columns : undefined))
        console.log(line);
    for (const { name, problem } of keys) if (problem !== undefined) console.error(printable(`${name}: ${problem}`));
  });
}

function restrictionsOf({ models, paths, addresses, expires, admin }: RestrictionOptions): Restrictions {
  return {
    ...(models === undefined ? {} : { models }),
    ...(paths === undefined ? {} : { paths }),
    ...(addresses === undefined ? {} : { addresses }),
    ...(expires === undefined ? {} : { expiresAt: parseExpiry(expires, Date.now()) }),
    ...(admin === true ? { admin } : {}),
  };
}

/** The key alone on standard output, so that it can be put where it belongs without being seen. */
function tellKey(made: { readonly key: string; readonly entry: KeyView }, { json }: StoreOptions): void {
  if (json === true) {
    console.log(JSON.stringify(made));
    return;
  }
  console.log(made.key);
  console.error(printable(`${made.entry.id}, ${made.entry.name}: ${may(made.entry)}. The key is shown this once.`));
}

function tell(key: KeyView, { json }: StoreOptions): void {
  console.log(json === true ? JSON.stringify(key) : printable(`${key.id}, ${key.name}: ${key.state}; ${may(key)}`));
}

const COLUMNS: readonly Column[] = [
  { title: "KEY", whole: true },
  { title: "NAME" },
  { title: "TEAM", expendable: 3 },
  { title: "STATE" },
  { title: "MAY", expendable: 1 },
  { title: "LAST USED", expendable: 2 },
];

function cells(key: KeyView): readonly string[] {
  return [key.id, key.name, key.team ?? "", key.problem === undefined ? key.state : "unusable", may(key), time(key.lastUsedAt)];
}

/** What a key may do, in a few words. */
function may({ restrictions: { models, paths, addresses, expiresAt, admin } }: KeyView): string {
  const said = [
    admin === true ? "administer" : undefined,
    models === undefined ? "any model of its team" : `models ${models.join(" ") || "none"}`,
    paths === undefined ? undefined : `paths ${paths.join(" ") || "none"}`,
    addresses === undefined ? undefined : `from ${addresses.join(" ") || "nowhere"}`,
    expiresAt === undefined ? undefined : `until ${time(expiresAt)}`,
  ];
  return said.filter((one) => one !== undefined).join(", ");
}

function time(at: number | undefined): string {
  return at === undefined ? "" : new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
