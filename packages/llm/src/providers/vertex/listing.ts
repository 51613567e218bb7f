/** The models that a publisher offers, from Vertex AI's Model Garden. */
import { DragomanError } from "../../errors.ts";
import { isJsonObject } from "../../json.ts";
import type { HookContext, ModelFacts } from "../../provider-definition.ts";

/** From the project's resource up to the host, as the listing exists in this version only. */
const LISTINGS = "../../../../../v1beta1/publishers";
/** Pages that are read at most; the publishers have some dozens of models. */
const PAGES_MAX = 10;

/** Source: the reference of `publishers.models.list`, v1beta1. Rows of other kinds (embeddings, images) are left out. */
export async function listPublisher(
  { fetchJson }: Pick<HookContext, "fetchJson">,
  publisher: "google" | "anthropic",
  isServed: (id: string) => boolean,
): Promise<readonly ModelFacts[]> {
  const rows: ModelFacts[] = [];
  let token = "";
  for (let page = 0; page < PAGES_MAX; page++) {
    const query = token === "" ? "" : `&pageToken=${encodeURIComponent(token)}`;
    const answer = await fetchJson("GET", `${LISTINGS}/${publisher}/models?pageSize=100${query}`);
    if (!isJsonObject(answer)) throw new DragomanError({ code: "invalid_response", detail: "the listing is no object" });
    const models = Array.isArray(answer.publisherModels) ? answer.publisherModels.filter(isJsonObject) : [];
    for (const { name, versionId } of models) {
      const id = typeof name === "string" ? name.slice(name.lastIndexOf("/") + 1) : "";
      if (!isServed(id)) continue;
      const dated = publisher === "anthropic" && typeof versionId === "string" && /^\d{8}$/.test(versionId);
      rows.push({ id: dated ? `${id}@${versionId}` : id });
    }
    token = typeof answer.nextPageToken === "string" ? answer.nextPageToken : "";
    if (token === "") return rows;
  }
  return rows;
}
