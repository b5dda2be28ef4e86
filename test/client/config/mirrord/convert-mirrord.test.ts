import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { convertConfig } from "../../../../src/client/config/convert-config.ts";
import { namedConfig } from "../../../../src/client/config/find-config.ts";
import { loadConfig } from "../../../../src/client/config/load-config.ts";
import { configFormats } from "../../../../src/client/config/write/config-format.ts";
import { plainObject } from "../../../../src/client/config/write/plain-value.ts";
import { templateNames } from "../../../../src/client/config/templates/index.ts";
import { writeConfig } from "../../../../src/client/config/write/write-config.ts";

const valid = join(import.meta.dirname, "../mirrord-corpus/valid");

/** The user's name is not this machine's. */
function optionsOf(environment: NodeJS.ProcessEnv) {
  const own = templateNames({ environment, folder: "/" });
  return { environment, names: (name: string) => (name === "user" ? { value: "alice" } : own(name)) };
}

/** Who ever uses the file has variables of their own. */
const people: readonly NodeJS.ProcessEnv[] = [
  { USER: "Alice", LOCAL_PORT: "3100", SERVICE: "billing" },
  { USER: "Bob", LOCAL_PORT: "3100" },
];

void t.test("a converted config means the same as the one of mirrord, in every format", async (t) => {
  const folder = t.testdir({});
  const [writer = {}] = people;
  for (const name of readdirSync(valid).filter((one) => !one.endsWith(".expected"))) {
    const theirs = namedConfig(name, valid);
    const converted = await convertConfig(theirs, optionsOf(writer));
    if (converted.problems !== undefined) throw new Error(`${name} is not valid`);
    for (const format of configFormats) {
      const text = writeConfig(plainObject(converted.config), { format, comments: ["one\ntwo", "*/ three"] });
      writeFileSync(join(folder, `magpie.${format}`), text);
      // What was filled in holds for whoever has converted it.
      for (const environment of converted.filled.length === 0 ? people : [writer]) {
        const ours = await loadConfig(namedConfig(`magpie.${format}`, folder), optionsOf(environment));
        const same = await loadConfig(theirs, optionsOf(environment));
        t.same(ours.loaded?.config, same.loaded?.config, `${name} as ${format} for ${environment["USER"]}`);
        t.same(ours.problems, undefined, `${name} as ${format}`);
      }
    }
  }
});

async function convertedText(folder: string, environment: NodeJS.ProcessEnv) {
  const converted = await convertConfig(namedConfig("mirrord.json", folder), optionsOf(environment));
  if (converted.problems !== undefined)
    throw new Error(converted.problems.map(({ message }) => message).join());
  return converted;
}

void t.test(
  "templates stay templates where that is the same for everybody, and are filled in elsewhere",
  async (t) => {
    const text = `{
    "target": "deployment/{{ get_env(name="APP", default="shop") }}",
    "feature": { "env": { "override": { "WHO": "{{ get_env(name="USER") }} and {{ key }}" } },
      "network": { "incoming": { "mode": "steal", "port_mapping": [[{{ get_env(name="PORT") }}, 80]],
        "http_filter": { "header_filter": "^x-user: (?!{{ get_env(name="NOT") }})" } } } } }`;
    const { config, filled } = await convertedText(t.testdir({ "mirrord.json": text }), {
      USER: "al",
      PORT: "3000",
      NOT: "bob",
    });
    t.match(config, {
      target: 'deployment/{{ env.APP | default("shop") }}',
      environment: { override: { WHO: "{{ env.USER }} and {{ user }}" } },
      incoming: { ports: ["80:3000"], filter: { header: "^x-user: (?:[^bB]|b(?:[^oO]|o(?:[^bB]|$)|$)|$)" } },
    });
    t.same(filled, ['{{ get_env(name="PORT") }}', '{{ get_env(name="NOT") }}']);
  },
);

void t.test("a config of ours is written in another format as it stands", async (t) => {
  const folder = t.testdir({ "magpie.toml": 'target = "netns:{{ env.NS }}"\n[incoming]\nports = [80]\n' });
  const { config } = (await convertConfig(namedConfig("magpie.toml", folder), optionsOf({ NS: "shop" }))) as {
    config: object;
  };
  t.equal(
    writeConfig(plainObject(config), { format: "yaml" }),
    'target: "netns:{{ env.NS }}"\nincoming:\n  ports: [80]\n',
  );
});
