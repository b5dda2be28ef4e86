import t, { type Test } from "tap";
import { type Actions, runProgram } from "../../../../src/client/cli/program.ts";
import { setFlagOrigins } from "../../../../src/client/config/flag-origins.ts";

type Flags = Readonly<Record<string, unknown>>;

/** Runs a command line in a folder with these files; gives the flags that its action got, and what was written. */
async function run(
  t: Test,
  words: string,
  about: { files?: Record<string, string>; environment?: Record<string, string> } = {},
): Promise<{ flags: Flags; text: string; out: string }> {
  const folder = t.testdir({ ".git": {}, ...about.files });
  let flags: Flags = {};
  const keep = (found: object): Promise<number> => {
    flags = { ...found };
    return Promise.resolve(0);
  };
  // Every action is this one.
  const actions = new Proxy({} as Actions, { get: () => keep });
  let text = "";
  let out = "";
  await runProgram(words.split(" "), {
    version: "0",
    actions,
    settings: { environment: about.environment ?? {}, folder },
    output: { writeOut: (more) => (out += more), writeErr: (more) => (text += more), columns: 80 },
  });
  t.teardown(() => setFlagOrigins(new Map()));
  return { flags, text, out };
}

const config = {
  "magpie.yaml":
    "target: netns:file\nincoming: { ports: [80, 81], filter: { header: 'x: file' } }\nsession: { for: 10s, keep: true }\n",
};

void t.test(
  "a flag goes before a variable, a variable before the file, the file before the default",
  async (t) => {
    const environment = {
      MAGPIE_TARGET: "netns:variable",
      MAGPIE_FOR: "20s",
      MAGPIE_PORT: "",
      MAGPIE_GRACE: "5s",
    };
    const { flags, text } = await run(t, "steal --target netns:flag", { files: config, environment });
    t.match(flags, {
      target: "netns:flag",
      for: "20s",
      port: ["80", "81"],
      keep: true,
      grace: "5s",
      onLost: "exit",
    });
    t.match(text, /config: magpie\.yaml\n/);
    const bare = await run(t, "steal", { environment });
    t.match(bare.flags, { target: "netns:variable", port: [], keep: false });
    t.equal(bare.text, "", "without a file nothing is said");
  },
);

void t.test("of what may be repeated, what goes before takes the place of the whole list", async (t) => {
  const { flags } = await run(t, "steal --port 90 --path ^/a", { files: config });
  t.match(flags, { port: ["90"], header: ["x: file"], path: ["^/a"] });
  const variable = await run(t, "steal", {
    files: config,
    environment: { MAGPIE_PORT: "90,91:92\n93", MAGPIE_HEADER: "a: b, c\nd: e" },
  });
  t.match(variable.flags, { port: ["90", "91:92", "93"], header: ["a: b, c", "d: e"] });
});

void t.test("rules for variables: those of the file come first, of the command line last", async (t) => {
  const files = {
    "magpie.toml": '[environment]\nexclude = "*"\ninclude = ["A", "B"]\noverride = { X = 1 }\nunset = "U"\n',
  };
  const environment = { MAGPIE_MAP: "M*=1" };
  const { flags } = await run(t, "exec --override Y=2 --exclude Z -- true", { files, environment });
  t.same(flags["rules"], [
    { flag: "include", text: "A" },
    { flag: "include", text: "B" },
    { flag: "unset", text: "U" },
    { flag: "map", text: "M*=1" },
    { flag: "override", text: "Y=2" },
    { flag: "exclude", text: "Z" },
  ]);
});

void t.test("yes and no of variables are words, and others are a mistake", async (t) => {
  const yes = await run(t, "exec -- true", {
    environment: { MAGPIE_KEEP: "yes", MAGPIE_TRACE: "0", MAGPIE_NO_ENV: "1" },
  });
  t.match(yes.flags, { keep: true, trace: false, env: false });
  const wrong = await run(t, "steal --output json", {
    environment: { MAGPIE_KEEP: "x", MAGPIE_REDIRECT: "tproxi" },
  });
  t.match(wrong.text, /MAGPIE_KEEP is "x", which is neither yes nor no/);
  t.match(wrong.text, /MAGPIE_REDIRECT is "tproxi".*\n.*Did you mean tproxy\?/);
  t.match(JSON.parse(wrong.out), { event: "ended", code: "usage" });
});

void t.test("modes are one choice", async (t) => {
  const files = { "magpie.json": '{ "incoming": { "mode": "mirror" } }' };
  t.match((await run(t, "exec -- true", { files })).flags, { steal: false, mirror: true, incoming: true });
  t.match((await run(t, "exec --steal -- true", { files })).flags, { steal: true, mirror: false });
  t.match((await run(t, "exec --no-incoming -- true", { files })).flags, { incoming: false, mirror: false });
  const environment = { MAGPIE_STEAL: "1" };
  t.match((await run(t, "exec -- true", { files, environment })).flags, { steal: true, mirror: false });
  t.match(
    (await run(t, "steal", { files })).flags,
    { port: [] },
    "steal and mirror are what they are called",
  );
});

void t.test("what a file says and means nothing to this run is left out", async (t) => {
  const files = {
    "magpie.json": JSON.stringify({
      target: { name: "deployment/web", namespace: "shop" },
      incoming: { priority: 5, servedBy: true, ports: 80, compare: { enabled: false, ignore: "status" } },
      files: { mode: "local" },
      environment: { include: "A" },
    }),
  };
  t.match((await run(t, "steal", { files })).flags, { priority: "5", servedBy: true, namespace: "shop" });
  const exec = await run(t, "exec --sandbox off --no-env -- true", { files });
  t.match(exec.flags, { priority: "0", servedBy: false, fs: "read", rules: [] });
  t.match((await run(t, "exec --steal -- true", { files })).flags, { priority: "5", fs: "local" });
  t.match((await run(t, "exec --no-incoming -- true", { files })).flags, { port: [] });
  t.match((await run(t, "mirror", { files })).flags, { compare: false, ignore: [] });
  t.match((await run(t, "mirror --compare", { files })).flags, { compare: true, ignore: ["status"] });
  const local = await run(t, "steal --target netns:shop", { files });
  t.equal(local.flags["namespace"], undefined);
  t.equal((await run(t, "steal --target pod/a", { files })).flags["namespace"], "shop");
});

void t.test("a command takes what is its own", async (t) => {
  const files = {
    "magpie.json":
      '{ "target": "netns:file", "incoming": { "ports": 80, "filter": { "path": "^/a" } }, "files": { "mode": "local" }, "outgoing": { "rules": "local:*" } }',
  };
  const sessions = await run(t, "sessions", { files });
  t.match(sessions.flags, { target: "netns:file", output: "text" });
  t.equal(sessions.text, "");
  const why = await run(t, "why", { files });
  t.match(why.flags, { target: "netns:file", path: undefined, port: undefined });
  t.match((await run(t, "explain path /x", { files })).flags, { fs: "local" });
  t.match((await run(t, "explain host x", { files })).flags, { outgoing: ["local:*"] });
  t.equal(
    (await run(t, "release", { files })).flags["target"],
    undefined,
    "sessions are found where they run",
  );
  t.equal((await run(t, "release -f magpie.json", { files })).flags["target"], "netns:file");
  t.same((await run(t, "release -f magpie.json", { files })).flags["port"], []);
});

void t.test(
  "--config, MAGPIE_CONFIG and --no-config say which file, --profile which part of it",
  async (t) => {
    const files = { ...config, "other.toml": 'target = "pod/other"\n[profiles.ci]\ntarget = "pod/ci"\n' };
    t.match((await run(t, "steal -f other.toml", { files })).flags, { target: "pod/other" });
    t.match((await run(t, "steal", { files, environment: { MAGPIE_CONFIG: "other.toml" } })).flags, {
      target: "pod/other",
    });
    t.equal((await run(t, "steal --no-config", { files })).flags["target"], undefined);
    const ci = await run(t, "steal --config other.toml --profile ci", { files });
    t.match(ci.flags, { target: "pod/ci" });
    t.match(ci.text, /config: other\.toml \(profile ci\)/);
    t.match(
      (await run(t, "steal -f other.toml --profile cl", { files })).text,
      /no profile "cl"\n {2}It has ci\./,
    );
    t.match(
      (await run(t, "steal --no-config --profile ci", { files })).text,
      /no config that could have a profile "ci"/,
    );
  },
);

void t.test("all that is wrong with a file is told, and nothing is run", async (t) => {
  const files = { "magpie.json": '{\n  "prots": 1,\n  "session": { "for": "x" }\n}\n' };
  const { flags, text, out } = await run(t, "exec --output json -- true", { files });
  t.same(flags, {});
  t.match(
    text,
    /error: magpie\.json:2:3: there is no field "prots"\n.*\n.*\^{7}\n {2}Did you mean incoming\.ports\?/,
  );
  t.match(text, /error: magpie\.json:3:23: session\.for: "x" is no duration/);
  t.equal(out, "", "stdout belongs to the program");
  t.match(text, /\{"event":"ended","code":"usage","message":"magpie\.json:2:3: there is no field/);
});
