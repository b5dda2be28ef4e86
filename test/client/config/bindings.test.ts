import { Command } from "commander";
import t from "tap";
import { execCommand } from "../../../src/client/cli/commands/exec.ts";
import { mirrorCommand } from "../../../src/client/cli/commands/mirror.ts";
import { stealCommand } from "../../../src/client/cli/commands/steal.ts";
import { bindings, bindingsOf, variableOf } from "../../../src/client/config/bindings.ts";
import { schemaFields } from "../../../src/client/config/schema/index.ts";

const done = () => Promise.resolve();
const root = new Command("magpie");
const commands = [stealCommand(root, done), mirrorCommand(root, done), execCommand(root, done)];

/** Which config is read cannot stand in one. */
const aboutTheConfig = new Set(["--config", "--no-config", "--profile"]);

void t.test("every flag of steal, mirror and exec has a field", async (t) => {
  const without = commands.flatMap((command) =>
    command.options
      .map(({ long }) => long ?? "")
      .filter((long) => !aboutTheConfig.has(long))
      .filter((long) => !bindingsOf(command.name()).some(({ flag }) => `--${flag}` === long))
      .map((long) => `${command.name()} ${long}`),
  );
  t.same(without, []);
});

void t.test("every field is a flag of each command that it is for", async (t) => {
  for (const command of commands) {
    const flags = command.options.map(({ long }) => long);
    t.same(
      bindings
        .filter(({ on }) => on !== "all" && on.includes(command.name()))
        .filter(({ flag }) => !flags.includes(`--${flag}`)),
      [],
      command.name(),
    );
  }
  const all = new Set(commands.flatMap(({ options }) => options.map(({ long }) => long)));
  t.same(
    bindings.filter(({ flag }) => !all.has(`--${flag}`)).map(({ flag }) => flag),
    [],
  );
});

void t.test(
  "every field of the schema has a flag, but for those that only hold others together",
  async (t) => {
    const bound = new Set(bindings.map(({ field }) => field));
    const fields = schemaFields().map(({ path }) => path);
    const without = fields.filter((path) => !bound.has(path));
    t.same(without, [
      "$schema",
      "target",
      // Said by --target, as …/container/<name>.
      "target.container",
      "incoming",
      "incoming.filter",
      // Said by --filter.
      "incoming.filter.all",
      "incoming.filter.any",
      "incoming.filter.not",
      "incoming.tls",
      // Said by --compare, which does not stand then.
      "incoming.compare.enabled",
      "environment",
      "files",
      "outgoing",
      "agent",
      // Said by --budget.
      "agent.budget.latency",
      "agent.budget.loop",
      "agent.budget.memory",
      "session",
      // Said by --profile, which is about the config itself.
      "profile",
      "profiles",
    ]);
    t.same(
      [...bound].filter((field) => !fields.includes(field)),
      [],
    );
  },
);

void t.test("defaults that the schema tells are those of the flags", async (t) => {
  for (const { path, default: usual } of schemaFields()) {
    const binding = bindings.find(({ field, form }) => field === path && form === "text");
    const option = commands
      .flatMap(({ options }) => options)
      .find(({ long }) => long === `--${binding?.flag}`);
    if (option?.defaultValue === undefined) continue;
    t.equal(String(usual), String(option.defaultValue), path);
  }
});

void t.test("choices that the schema has are those of the flags", async (t) => {
  for (const { path, takes } of schemaFields()) {
    const binding = bindings.find(({ field, form }) => field === path && form === "text");
    const option = commands
      .flatMap(({ options }) => options)
      .find(({ long }) => long === `--${binding?.flag}`);
    if (option?.argChoices === undefined) continue;
    t.equal(takes, option.argChoices.map((choice) => `\`${choice}\``).join(", "), path);
  }
});

void t.test("variables are called by one rule, and none is that of another thing", async (t) => {
  t.equal(variableOf({ flag: "local-host" }), "MAGPIE_LOCAL_HOST");
  const names = bindings.map(variableOf);
  t.equal(new Set(names).size, names.length);
  const others = ["MAGPIE_RUNTIME_DIR", "MAGPIE_REEXEC", "MAGPIE_RUN", "MAGPIE_CONFIG", "MAGPIE_PROFILE"];
  t.same(
    names.filter((name) => others.includes(name)),
    [],
  );
});
