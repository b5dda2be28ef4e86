import { Argument, Command, Option } from "commander";
import t from "tap";
import { complete, type DynamicValues } from "../../../../src/client/cli/completion/complete.ts";

const root = new Command("magpie");
root
  .addCommand(
    new Command("steal")
      .description("Let requests be answered here. And more.")
      .option("-t, --target <target>", "whose")
      .option("-p, --port <mapping>", "which; repeatable", (value: string, all?: string[]) => [
        ...(all ?? []),
        value,
      ])
      .option("--keep", "keep it")
      .option("--session <id>", "which session")
      .option("--report <file>", "where to")
      .addOption(new Option("--output <form>", "for whom").choices(["text", "json"]).default("text")),
  )
  .addCommand(
    new Command("filter").addCommand(new Command("set")).addCommand(new Command("try").argument("[filter]")),
  )
  .addCommand(new Command("completion").addArgument(new Argument("<shell>").choices(["bash", "zsh"])))
  .addCommand(new Command("release").argument("[session]"))
  .addCommand(new Command("explain").addCommand(new Command("path").argument("<paths...>")));

const asked: string[] = [];
const dynamic: DynamicValues = {
  targets: (partial, flags) => {
    asked.push(`${partial} ${flags.get("--namespace") ?? ""}`);
    return Promise.resolve([
      { value: "netns:shop", about: "" },
      { value: "pod/web", about: "1/1 ready" },
    ]);
  },
  sessions: () => Promise.resolve([{ value: "4f2a", about: "steal" }]),
};

async function values(...words: string[]): Promise<readonly string[] | string> {
  const found = await complete(root, words, dynamic);
  if (found.kind === "candidates") return found.candidates.map(({ value }) => value);
  return found.kind === "command" ? `command ${found.from}` : found.kind;
}

void t.test("what the tree of commands has is completed, and nothing else", async (t) => {
  t.same(await values("st"), ["steal"]);
  t.same(await values(""), ["steal", "filter", "completion", "release", "explain", "help"]);
  t.same(await values("filter", ""), ["set", "try"]);
  t.same(await values("help", "fi"), ["filter"]);
  t.same(await values("steal", "--ou"), ["--output"]);
  t.same(await values("steal", "--output", ""), ["text", "json"]);
  t.same(await values("steal", "--output=j"), ["--output=json"]);
  t.same(await values("completion", "z"), ["zsh"]);
  t.same(await values("steal", "x"), []);
});

void t.test("targets and sessions are asked for where they fit, and only there", async (t) => {
  t.same(await values("steal", "--target", "n"), ["netns:shop"]);
  t.same(await values("steal", "-t", "pod"), ["pod/web"]);
  t.same(await values("steal", "--target=netns:"), ["--target=netns:shop"]);
  t.same(asked, ["n ", "pod ", "netns: "]);
  t.same(await values("release", ""), ["4f2a"]);
  t.same(await values("steal", "--session", "4"), ["4f2a"]);
});

void t.test("files are the shell's, and so is a program behind --", async (t) => {
  t.equal(await values("steal", "--report", ""), "files");
  t.equal(await values("explain", "path", "/et"), "files");
  t.equal(await values("explain", "path", "/etc", "/h"), "files");
  t.equal(await values("steal", "-t", "pod/web", "--", "npm", "ru"), "command 4");
});

void t.test("a flag that was written is offered again only where it may be repeated", async (t) => {
  const flags = await values("steal", "--keep", "-p", "80", "-");
  t.ok(flags.includes("--port"));
  t.notOk(flags.includes("--keep"));
});
