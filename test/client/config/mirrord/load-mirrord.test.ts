import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { problemText } from "../../../../src/client/config/config-problem.ts";
import { namedConfig } from "../../../../src/client/config/find-config.ts";
import { loadConfig } from "../../../../src/client/config/load-config.ts";

/**
 * Configs as users of mirrord have them, each with what must come of it beside it: `NAME.EXT` and `NAME.EXT.expected`. To write
 * those anew, run with MAGPIE_WRITE_EXPECTED=1, and read what has changed.
 */
const corpus = join(import.meta.dirname, "../mirrord-corpus");
const environment = { USER: "Alice", LOCAL_PORT: "3100" };
const names = (name: string) => (name === "user" ? { value: "alice" } : { unknown: name, hint: "" });

for (const kind of ["valid", "invalid"] as const) {
  const folder = join(corpus, kind);
  const files = readdirSync(folder).filter((name) => !name.endsWith(".expected"));
  void t.test(`${kind} configs of mirrord come to what is written beside them`, async (t) => {
    t.ok(files.length >= (kind === "valid" ? 15 : 20));
    for (const name of files) {
      const came = await told(namedConfig(name, folder));
      const expected = join(folder, `${name}.expected`);
      if (process.env["MAGPIE_WRITE_EXPECTED"] === "1") writeFileSync(expected, came);
      t.equal(came, readFileSync(expected, "utf8"), `${kind}/${name}`);
      t.equal(came.startsWith("{"), kind === "valid", `${name} is ${kind}`);
    }
  });
}

async function told(file: Parameters<typeof loadConfig>[0]): Promise<string> {
  const { loaded, problems } = await loadConfig(file, { environment, names });
  const lines = problems?.flatMap((problem) => [
    problemText(problem),
    ...problem.excerpt.map((line) => `    ${line}`),
    ...(problem.hint === undefined ? [] : [`  ${problem.hint}`]),
  ]) ?? [JSON.stringify(loaded?.config, undefined, 2), ...(loaded?.notices ?? []).map(problemText)];
  return `${lines.join("\n")}\n`;
}
