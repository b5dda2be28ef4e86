import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { placeText, problemLines } from "../../../src/client/config/config-problem.ts";
import { namedConfig } from "../../../src/client/config/find-config.ts";
import { flagValues } from "../../../src/client/config/flag-values.ts";
import { loadConfig } from "../../../src/client/config/load-config.ts";

/**
 * Configs, each with what must come of it beside it in `NAME.expected`: the flags that it stands for, each with its place, or
 * all that is wrong with it. To write those anew, run with MAGPIE_WRITE_EXPECTED=1, and read what has changed.
 */
const corpus = join(import.meta.dirname, "corpus");
const environment = { USER: "alice", PORT: "80", YES: "true" };
const known = new Map([
  ["env.USER", "alice"],
  ["env.PORT", "80"],
  ["env.YES", "true"],
  ["hostname", "desk"],
  ["user", "alice"],
  ["git.branch", "main"],
]);
const names = (name: string) => {
  const value = known.get(name);
  if (value !== undefined) return { value };
  return name.startsWith("env.")
    ? { missing: `${name} is not set`, hint: "Set it." }
    : { unknown: `there is no ${name}`, hint: "Known here: env.<variable>." };
};

for (const kind of ["valid", "invalid"] as const) {
  const folder = join(corpus, kind);
  const files = readdirSync(folder).filter((name) => !name.endsWith(".expected"));
  void t.test(`${kind} configs come to what is written beside them`, async (t) => {
    t.ok(files.length >= (kind === "valid" ? 20 : 40), `there are ${files.length}`);
    for (const name of files) {
      const came = await told(name, folder);
      const expected = join(folder, `${name}.expected`);
      if (process.env["MAGPIE_WRITE_EXPECTED"] === "1") writeFileSync(expected, came);
      t.equal(came, readFileSync(expected, "utf8"), `${kind}/${name}`);
      t.equal(!came.includes(`${name}:`) || came.startsWith("--"), kind === "valid", `${name} is ${kind}`);
    }
  });
}

async function told(name: string, folder: string): Promise<string> {
  const { loaded, problems } = await loadConfig(namedConfig(name, folder), { environment, names });
  const lines =
    problems?.flatMap(problemLines) ??
    flagValues(loaded?.config ?? {}, "/project").map(({ binding, value, path }) => {
      const place = loaded === undefined ? "" : placeText(loaded.placeOf(path));
      return `--${binding.flag} ${JSON.stringify(value).replace(homedir(), "~")}  ${place}`;
    });
  return lines.map((line) => `${line}\n`).join("");
}
