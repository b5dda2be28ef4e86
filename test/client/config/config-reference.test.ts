import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import t from "tap";
import { configReference } from "../../../src/client/config/config-reference.ts";
import { namedConfig } from "../../../src/client/config/find-config.ts";
import { loadConfig } from "../../../src/client/config/load-config.ts";
import { checkValue, configJsonSchema, schemaFields } from "../../../src/client/config/schema/index.ts";

const docs = fileURLToPath(new URL("../../../docs", import.meta.url));
const isWriting = process.env["MAGPIE_WRITE_EXPECTED"] === "1";
const stale = "run MAGPIE_WRITE_EXPECTED=1 tap test/client/config/config-reference.test.ts";

void t.test("docs/magpie.schema.json is the schema of the definition", async (t) => {
  const file = `${docs}/magpie.schema.json`;
  const text = `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`;
  if (isWriting) writeFileSync(file, text);
  t.ok(readFileSync(file, "utf8") === text, stale);
});

void t.test("docs/config.md has every field of the definition", async (t) => {
  const file = `${docs}/config.md`;
  const before = readFileSync(file, "utf8");
  const written = before.replace(
    /(<!-- fields:.*?-->\n)[\s\S]*(<!-- \/fields -->)/,
    (_all, open: string, close: string) => `${open}\n${configReference()}\n${close}`,
  );
  if (isWriting) writeFileSync(file, written);
  t.ok(readFileSync(file, "utf8") === written, stale);
});

void t.test("the same config in three formats of docs/config.md is the same", async (t) => {
  const text = readFileSync(`${docs}/config.md`, "utf8");
  const folder = t.testdir({
    "magpie.jsonc": /```jsonc\n([\s\S]*?)```/.exec(text)?.[1] ?? "",
    "magpie.yaml": /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? "",
    "magpie.toml": /```toml\n([\s\S]*?)```/.exec(text)?.[1] ?? "",
  });
  const read = async (name: string) =>
    (await loadConfig(namedConfig(name, folder), { environment: { USER: "alice" } })).loaded?.config;
  const json = await read("magpie.jsonc");
  t.match(json, { target: { name: "deployment/web" }, environment: { override: { LOG_LEVEL: "debug" } } });
  t.same(await read("magpie.yaml"), json);
  t.same(await read("magpie.toml"), json);
});

void t.test("every example that the definition gives is taken by it", async (t) => {
  for (const { path, examples, default: usual } of schemaFields()) {
    for (const example of [...examples, ...(usual === undefined ? [] : [usual])]) {
      // Templates are filled in before a value is looked at.
      const filled = JSON.parse(JSON.stringify(example).replaceAll(/\{\{.*?\}\}/g, "x")) as unknown; // What was written by it.
      const config = path.split(".").reduceRight<unknown>((value, step) => ({ [step]: value }), filled);
      t.same(checkValue(config).faults, undefined, `${path} ${JSON.stringify(example)}`);
    }
  }
});
