import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import t from "tap";
import { commandPaths, shellWords, understand } from "./fixtures/command-tree.ts";

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

/** Every command of ours that a document shows, in blocks and between backticks. */
function commandsIn(text: string): string[] {
  const joined = text.replaceAll("\\\n", " ");
  const inBlocks = [...joined.matchAll(/```(?:sh)?\n([^]*?)```/g)].flatMap(([, block = ""]) =>
    block.split("\n"),
  );
  const inLines = [...joined.replaceAll(/```[^]*?```/g, "").matchAll(/`(magpie [^`]+)`/g)].map(
    ([, code = ""]) => code,
  );
  return [...inBlocks, ...inLines]
    .map((line) => line.replace(/^\s*(?:\$ )?(?:npx )?/, ""))
    .filter((line) => /^magpie \S/.test(line) && !/ {2}\w+ {2}/.test(line));
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

void t.test("each command that a document shows is one that magpie understands", async (t) => {
  const wrong: string[] = [];
  let count = 0;
  for (const document of documents) {
    for (const command of commandsIn(readFileSync(join(root, document), "utf8"))) {
      const words = shellWords(command.replace(/^magpie /, ""));
      // Places to be filled in, as <name>, and sentences with dots are no commands.
      if (words === undefined || /[<>]|\.\.\./.test(words.join(" "))) continue;
      count++;
      const { isUnderstood, text } = await understand(words);
      // A command may be spoken of without what it is about.
      if (!isUnderstood && !/^Usage:|missing required argument/.test(text))
        wrong.push(`${document}: ${command}: ${text.split("\n")[0]}`);
    }
  }
  t.same(wrong, []);
  t.ok(count > 100, `${count} commands were found`);
});

void t.test("docs/commands.md is what help says", async (t) => {
  const paths = await commandPaths();
  const parts = [
    "# Commands\n\nWhat `magpie help` says of each. [Config](config.md) has the variable and the field of each flag, [exit codes](exit-codes.md) all codes.\n",
    `${paths.map((path) => `[${path.join(" ")}](#magpie-${path.join("-")})`).join(" · ")}\n`,
  ];
  for (const path of paths) {
    const { text } = await understand([...path, "--help"]);
    parts.push(`## magpie ${path.join(" ")}\n\n\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`);
  }
  const file = join(root, "docs/commands.md");
  const text = parts.join("\n");
  // MAGPIE_WRITE_DOCS=1 tap test/docs.test.ts
  if (process.env["MAGPIE_WRITE_DOCS"] === "1") writeFileSync(file, text);
  t.ok(readFileSync(file, "utf8") === text, "run this test with MAGPIE_WRITE_DOCS=1 to write it again");
});
