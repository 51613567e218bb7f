/** A picture beside the words, by value or by address. What a vendor cannot fetch itself is fetched for it. */
import { textOf, userMessage } from "@dragoman/llm";
import { chooseModel } from "./model.ts";

/** One red point, as a PNG. */
const RED_POINT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

const { provider, model } = chooseModel();
console.log(`takes images: ${provider.capabilities(model).images.answer}`);
const { message } = await provider.complete({
  model,
  messages: [
    userMessage([
      { type: "text", text: "What colour is this?" },
      { type: "image", mediaType: "image/png", source: { type: "data", data: RED_POINT } },
    ]),
  ],
});
console.log(textOf(message));
