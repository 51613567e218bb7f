import type { Dialect } from "../../dialect.ts";
import { checkBodyCase, checkErrorCase } from "./check-body-case.ts";
import { checkPrototypes } from "./check-plain-data.ts";
import { checkRequestCase } from "./check-request-case.ts";
import { checkStreamCase } from "./check-stream-case.ts";
import type { FuzzCase, Violation } from "./fuzz-case.ts";

/** The first law that the case breaks. `peers` are the dialects that must be able to pass on what this one understood. */
export function checkCase(dialect: Dialect, tried: FuzzCase, peers: readonly Dialect[], peer?: Dialect): Violation | undefined {
  const violation = checkKind(dialect, tried, peers, peer);
  if (violation !== undefined) return violation;
  const polluted = checkPrototypes();
  return polluted === undefined ? undefined : { law: "pollution", detail: polluted };
}

function checkKind(dialect: Dialect, tried: FuzzCase, peers: readonly Dialect[], peer?: Dialect): Violation | undefined {
  switch (tried.kind) {
    case "stream":
      return checkStreamCase(dialect, tried, peer);
    case "body":
      return checkBodyCase(dialect, tried.text, peer);
    case "error":
      return checkErrorCase(dialect, tried.response, peer);
    case "request":
      return checkRequestCase(dialect, tried.request, peers);
  }
}
