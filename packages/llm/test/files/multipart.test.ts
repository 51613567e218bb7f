/** A form with a file, against the parser of the runtime. */
import { expect, test } from "vitest";
import { renderMultipart } from "../../src/files/multipart.ts";

async function readBack(form: ReturnType<typeof renderMultipart>): Promise<FormData> {
  return new Response(Buffer.from(form.body), { headers: { "content-type": form.contentType } }).formData();
}

const file = {
  field: "file",
  name: "a.bin",
  mediaType: "application/octet-stream",
  data: new Uint8Array([0, 13, 10, 45, 45, 255]),
};

test("a form comes back as it was: text, and every byte of the file", async () => {
  const read = await readBack(renderMultipart({ fields: { purpose: "user_data", note: "Grüße\r\n– 世界" }, file }));
  expect(read.get("purpose")).toBe("user_data");
  expect(read.get("note")).toBe("Grüße\r\n– 世界");
  const back = read.get("file");
  expect(back).toMatchObject({ name: "a.bin", type: "application/octet-stream" });
  expect(new Uint8Array(await (back as File).arrayBuffer())).toEqual(file.data);
});

test("the boundary is drawn again while it stands in the content", async () => {
  const tokens = ["taken", "in-a-field", "free"];
  const data = Buffer.from("some words, --dragoman-taken, and more");
  const form = renderMultipart({ fields: { note: "dragoman-in-a-field" }, file: { ...file, data } }, () => tokens.shift() ?? "");
  expect(form.contentType).toBe("multipart/form-data; boundary=dragoman-free");
  const back = (await readBack(form)).get("file");
  expect(await (back as File).text()).toBe(data.toString());
});

test("a name with quotes and line ends cannot break out of its header", async () => {
  const name = 'a"; name="purpose"\r\n\r\nfine-tune';
  const form = renderMultipart({ fields: { purpose: "batch" }, file: { ...file, name } });
  expect(Buffer.from(form.body).toString("latin1")).toContain('filename="a%22; name=%22purpose%22%0D%0A%0D%0Afine-tune"');
  expect((await readBack(form)).getAll("purpose")).toEqual(["batch"]);
});
