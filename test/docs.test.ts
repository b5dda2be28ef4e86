import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";

const root = fileURLToPath(new URL("..", import.meta.url));
const documents = [
  ...readdirSync(root).filter((file) => file.endsWith(".md")),
  ...readdirSync(join(root, "docs"), { recursive: true })
    .map((file) => join("docs", String(file)))
    .filter((file) => file.endsWith(".md")),
];

/** How a heading is linked to, as GitHub makes it. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[`*]|\[|\]\([^)]*\)/g, "")
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
}

function headingsOf(file: string): string[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.filter((line) => /^#{1,6} /.test(line)).map((line) => slugOf(line.replace(/^#+ /, "")));
}

void t.test("each link of a document leads to a file that is there, and to a heading in it", async (t) => {
  const dead: string[] = [];
  for (const document of documents) {
    const text = readFileSync(join(root, document), "utf8").replaceAll(/```[^]*?```/g, "");
    for (const [, target = ""] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [path = "", heading] = target.split("#");
      const file = path === "" ? join(root, document) : join(root, dirname(document), path);
      if (!existsSync(file)) dead.push(`${document}: ${target}`);
      else if (heading !== undefined && file.endsWith(".md") && !headingsOf(file).includes(heading))
        dead.push(`${document}: ${target}: no such heading`);
    }
  }
  t.same(dead, []);
});

void t.test("each document is one that the index names", async (t) => {
  const index = readFileSync(join(root, "docs/README.md"), "utf8");
  const unnamed = documents.filter(
    (document) => document.startsWith("docs/") && document !== "docs/README.md",
  );
  t.same(
    unnamed.filter((document) => !index.includes(`(${document.slice("docs/".length)})`)),
    [],
  );
});
