import { load } from "js-yaml";
import t from "tap";
import { yamlText } from "../../../src/kubernetes/preflight/yaml-text.ts";

void t.test("what is written reads as it was, whatever words are in it", async (t) => {
  const values = [
    {
      a: "plain",
      b: "yes",
      c: "null",
      d: "1.0",
      e: "",
      f: "a: b",
      g: "- x",
      h: "#",
      i: "ü\n'\"",
      j: "system:x",
    },
    {
      "key/with.dots": "on",
      "other key": true,
      "a:b": 3,
      list: [],
      nested: { deep: [{ x: [1, "2"] }, { y: { z: null } }] },
    },
    [{ a: 1, b: [{ c: 2 }] }, "text"],
    { empty: {} },
  ];
  for (const value of values) t.same(load(yamlText(value)), value, yamlText(value));
});
