import t from "tap";
import {
  multipartFields,
  urlencodedFields,
} from "../../../../../src/client/inspector/page/body/form-fields.ts";

void t.test("urlencoded fields are decoded, and repeated ones stay", (t) => {
  t.same(urlencodedFields("a=1+2&b=%C3%A9&a=%00"), [
    { name: "a", value: "1 2" },
    { name: "b", value: "é" },
    { name: "a", value: "\0" },
  ]);
  t.end();
});

void t.test("parts of multipart are told by name, files by their size", (t) => {
  const body = [
    "--x.y+z",
    'Content-Disposition: form-data; name="note"',
    "",
    "grüße",
    "--x.y+z",
    'Content-Disposition: form-data; name="picture"; filename="a.png"',
    "Content-Type: image/png",
    "",
    "\u0000\u0001--x.y",
    "--x.y+z--",
    "",
  ].join("\r\n");
  t.same(multipartFields(Buffer.from(body), 'multipart/form-data; boundary="x.y+z"'), [
    { name: "note", value: "grüße" },
    { name: "picture", value: "image/png, 7 bytes", file: "a.png" },
  ]);
  t.equal(multipartFields(Buffer.from(body), "multipart/form-data"), undefined);
  t.end();
});
