import { isUsageDimension, type UsageDimension } from "@dragoman/gateway/ledger";
import { DragomanError } from "@dragoman/llm";

/** Throws `invalid_request` for a word that names no column. */
export function checkedDimensions(names: readonly string[]): readonly UsageDimension[] {
  return names.map((name) => {
    if (isUsageDimension(name)) return name;
    throw new DragomanError({
      code: "invalid_request",
      field: "by",
      detail: `${JSON.stringify(name)} is no column`,
      advice:
        "use provider, model, route, key, team, agent, session, user, outcome, operation, hour, day, month, node or tag:NAME",
    });
  });
}
