/** A file kept at the vendor: uploaded once, named in messages by its id. A fake vendor stands in for the real one. */
import { anthropic, Secret, textOf, userMessage } from "@dragoman/llm";
import { startFakeVendor } from "@dragoman/llm/testing";

const vendor = await startFakeVendor("anthropic");
const provider = anthropic({ baseUrl: vendor.baseUrl, key: new Secret("any-key") });
const { files } = provider;
if (files === undefined) throw new Error("this vendor keeps no files");

const paper = new TextEncoder().encode("%PDF-1.4 a short paper");
const file = await files.upload({ name: "paper.pdf", mediaType: "application/pdf", data: paper });
console.log(`${file.name} is ${file.status}, ${file.sizeBytes} bytes`);

const source = { type: "reference", provider: provider.id, id: file.id } as const;
for (const question of ["What is it about?", "Who wrote it?"]) {
  const { message } = await provider.complete({
    model: "claude-sonnet-4-5",
    messages: [
      userMessage([
        { type: "file", mediaType: "application/pdf", source },
        { type: "text", text: question },
      ]),
    ],
  });
  console.log(textOf(message));
}

for (const { id } of await files.list()) await files.delete(id);
console.log(`${(await files.list()).length} files are left`);
await vendor.close();
