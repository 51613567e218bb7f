/** What PostgreSQL and the network say to a command, in words that tell what to do. The password is never among them. */
import { DragomanError, type ErrorCode } from "@dragoman/llm";

interface Reason {
  readonly code: ErrorCode;
  readonly advice: string;
}

const WRONG_USER: Reason = { code: "configuration", advice: "correct the user and the password in the address of the store" };
const NO_RIGHT: Reason = {
  code: "configuration",
  advice: "as the tables' owner: grant usage on schema dragoman to USER; grant select on all tables in schema dragoman to USER",
};

/** By SQLSTATE. Source: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const REASONS: Readonly<Record<string, Reason>> = {
  "28000": WRONG_USER,
  "28P01": WRONG_USER,
  "3D000": { code: "configuration", advice: "correct the name of the database in the address of the store" },
  "42501": NO_RIGHT,
  "57014": { code: "timeout", advice: "ask about fewer calls, as with a later beginning" },
};

const UNREACHABLE: Reason = {
  code: "connection_failed",
  advice: "see whether PostgreSQL runs, and whether its address is right",
};

/** `address`: with the password that must not be told. */
export function sharedTablesError(thrown: unknown, address: string): DragomanError {
  if (DragomanError.is(thrown)) return thrown;
  // Both addresses of `localhost` that refuse are an AggregateError, whose own message is empty.
  const errors: readonly unknown[] = thrown instanceof AggregateError ? thrown.errors : [thrown];
  const said = errors.map((error) => (error instanceof Error ? error.message : String(error))).join("; ");
  const { code, advice } = reasonOf(thrown, said);
  return new DragomanError({
    code,
    detail: `the ledger in PostgreSQL cannot be used: ${withoutPassword(said, address)}`,
    advice,
    ...(code === "configuration" ? { field: "store.url" } : {}),
    cause: thrown,
  });
}

function reasonOf(thrown: unknown, said: string): Reason {
  const state: unknown = thrown instanceof Error ? Reflect.get(thrown, "code") : undefined;
  const known = typeof state === "string" && Object.hasOwn(REASONS, state) ? REASONS[state] : undefined;
  // The driver's own limit, behind that of the server.
  return known ?? (said === "Query read timeout" ? { code: "timeout", advice: UNREACHABLE.advice } : UNREACHABLE);
}

/** It may stand before the host or among the parameters, and be told as it was written or as it is meant. */
function withoutPassword(text: string, address: string): string {
  const { password, searchParams } = new URL(address);
  const secrets = [password, decoded(password), searchParams.get("password") ?? ""].filter((secret) => secret !== "");
  return secrets.reduce((told, secret) => told.replaceAll(secret, "***"), text);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
