/** What the fake's models can do beyond what all fakes' models say of themselves, and the rows of its listing. */
import type { JsonObject } from "../../../json.ts";
import type { FakeModel } from "../fake-model.ts";
import { CREATED_AT } from "../world.ts";

export function seesImages(model: FakeModel): boolean {
  return !/codestral|voxtral|embed/.test(model.id);
}

export function hearsAudio(model: FakeModel): boolean {
  return model.id.includes("voxtral");
}

export function embeds(model: FakeModel): boolean {
  return model.id.includes("embed");
}

export function mistralModelRow(model: FakeModel): JsonObject {
  const chats = !embeds(model);
  return {
    id: model.id,
    object: "model",
    created: CREATED_AT,
    owned_by: "mistralai",
    capabilities: {
      completion_chat: chats,
      function_calling: chats && model.tools,
      reasoning: chats && model.reasoning !== "no",
      completion_fim: false,
      fine_tuning: false,
      vision: seesImages(model),
      ocr: false,
      classification: false,
      moderation: false,
      audio: hearsAudio(model),
      audio_transcription: false,
      audio_transcription_realtime: false,
      audio_speech: false,
      unified_resources: false,
    },
    name: model.id,
    description: "A fake model.",
    max_context_length: model.contextTokens,
    aliases: [],
    deprecation: null,
    deprecation_replacement_model: null,
    default_model_temperature: 0.3,
    internal: false,
    type: "base",
  };
}
