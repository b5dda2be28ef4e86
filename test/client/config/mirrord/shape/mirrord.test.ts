import { readFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { mirrordShape } from "../../../../../src/client/config/mirrord/shape/mirrord.ts";
import { schemaFields } from "../../../../../src/client/config/schema/schema-fields.ts";

const page = readFileSync(join(import.meta.dirname, "../../../../../docs/from-mirrord.md"), "utf8");

void t.test("docs/from-mirrord.md tells what becomes of every field that is known", (t) => {
  const rows = page.split("\n").filter((line) => line.startsWith("| `"));
  const sections = ["startup_retry", "internal_proxy", "external_proxy", "container", "ci", "experimental"];
  // Parts of a value, which its field's row tells with it.
  const parts =
    /^(?:agent$|feature$|target\.path\.\w+|agent\.(?:image|dns|resources|security_context)\.\w.*|.*_delivery\.\w+|.*http_header_filter\.\w+|.*body_filter\.\w+|feature\.(?:copy_target|preview|magic)\.\w+|.*\.filter\.(?:local|remote))$/;
  for (const { path } of schemaFields(mirrordShape)) {
    if (path === "$schema" || parts.test(path) || sections.some((name) => path.startsWith(`${name}.`)))
      continue;
    const name = path.slice(path.lastIndexOf(".") + 1);
    const around = path.split(".").slice(0, -1).at(-1) ?? "";
    const isTold =
      page.includes(`\`${path}\``) || rows.some((row) => row.includes(`\`${name}\``) && row.includes(around));
    t.ok(isTold, path);
  }
  t.end();
});
