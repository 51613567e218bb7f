/** Feature extraction at hf-inference. Source: Text Embeddings Inference, which serves the models of sentences. */
import { countTokens } from "../brain.ts";
import { listOf, stringsOf } from "../json-reading.ts";
import { Refusal } from "../reply.ts";
import type { Route } from "../vendor-definition.ts";
import { vectorsOf } from "./fake-vector.ts";
import { huggingFaceFlavour } from "./huggingface-flavour.ts";
import { plainDelivery } from "./plain-delivery.ts";

const PATH = /^\/hf-inference\/models\/(.+)\/pipeline\/feature-extraction$/;
const DIMENSIONS = 64;
const INPUTS_MAX = 32;

export const featureExtractionRoute: Route = {
  method: "POST",
  path: PATH,
  handle: ({ path, body }, world) => {
    const id = decodeURIComponent(PATH.exec(path)?.[1] ?? "");
    const model = world.model(id);
    if (model === undefined) throw new Refusal(404, { error: "Not Found" });
    return plainDelivery(id, world, huggingFaceFlavour.failure, () => {
      const inputs = stringsOf(body.inputs);
      if (inputs.length === 0 || inputs.length !== Math.max(1, listOf(body.inputs).length)) {
        throw new Refusal(422, { error: "Input should be a string or a list of strings: received inputs" });
      }
      if (inputs.length > INPUTS_MAX) {
        throw new Refusal(422, {
          error: `batch size ${inputs.length} > maximum allowed batch size ${INPUTS_MAX}`,
          error_type: "Validation",
        });
      }
      const longest = Math.max(...inputs.map((text) => countTokens([text])));
      if (longest > model.contextTokens && body.truncate !== true) {
        const error = `Input validation error: \`inputs\` must have less than ${model.contextTokens} tokens. Given: ${longest}`;
        throw new Refusal(413, { error, error_type: "Validation" });
      }
      const vectors = vectorsOf(inputs, DIMENSIONS);
      // A model of no sentences answers with a vector for each of its tokens.
      return id.includes("unpooled") ? vectors.map((vector) => [[...vector], [...vector]]) : vectors;
    });
  },
};
