import t from "tap";
import { ClientError } from "../../../src/client/errors.ts";
import { FileRules } from "../../../src/client/files/file-rules.ts";
import { rulesOfFileFlags } from "../../../src/client/files/rules-of-file-flags.ts";

const source = {
  workingDirectory: "/nowhere/shop/cart",
  home: "/home/alice",
  environment: {},
  program: undefined,
};

function modes(file: readonly string[], paths: readonly string[]): string[] {
  const rules = new FileRules(rulesOfFileFlags({ file, fs: "read" }, source));
  return paths.map((path) => rules.decide(path).mode);
}

void t.test("a flag that cannot be understood says how it is written", async (t) => {
  const cases: [text: string, says: RegExp, hint?: RegExp][] = [
    ["/etc/app", /--file \/etc\/app is not written mode:path/, /read, read-write, local, absent/],
    ["raed:/etc", /is not written mode:path/, /was read meant\?/],
    ["read", /is not written mode:path/],
    ["read:", /names no path/],
    ["read:etc/app", /begins with \/ or ~\//],
    ["read:~bob/x", /begins with \/ or ~\//],
    [`read:/${"x".repeat(5000)}`, /longer than a path can be/],
  ];
  for (const [text, message, hint = /./] of cases) {
    try {
      rulesOfFileFlags({ file: [text], fs: "read" }, source);
      t.fail(text);
    } catch (error) {
      t.ok(error instanceof ClientError && error.code === "usage");
      t.match(error, { message });
      if (error instanceof ClientError && error.hint !== undefined) t.match(error.hint, hint);
    }
  }
  t.throws(() => rulesOfFileFlags({ file: ["read:~/x"], fs: "read" }, { ...source, home: undefined }), {
    message: /not known where your home is/,
  });
});

void t.test("a rule names a path from the root, the home, or the folder one is in", async (t) => {
  t.same(modes(["absent:~/key"], ["/home/alice/key", "/home/alice/keys"]), ["absent", "local"]);
  t.same(modes(["read:./data"], ["/nowhere/shop/cart/data/x", "/nowhere/shop/cart"]), ["read", "local"]);
  t.same(modes(["read:../"], ["/nowhere/shop/x", "/nowhere/shop/cart"]), ["read", "read"]);
  t.same(modes(["absent:**/*.key"], ["/a.key", "/usr/x/b.key", "/usr/x/b.keys"]), [
    "absent",
    "absent",
    "local",
  ]);
  t.same(modes(["absent:/srv/."], ["/srv", "/srv/a"]), ["absent", "read"]);
  t.same(modes(["absent:/ä"], ["/\xC3\xA4"]), ["absent"], "in bytes");
});

void t.test("rules of the user stand before the built-in ones, in their order", async (t) => {
  t.same(modes([], ["/usr/bin/env", "/etc/passwd", "/etc/app.conf", "/run/secrets/token", "/var/lib/x"]), [
    ...["local", "local", "read", "read", "read"],
  ]);
  t.same(modes(["read:/usr/share/app", "local:/usr/share"], ["/usr/share/app/x"]), ["read"]);
  t.same(modes(["local:/**"], ["/etc/app.conf", "/run/nscd/socket"]), ["local", "local"]);
});

void t.test("a file that Magpie makes is left to a rule only that names the very file", async (t) => {
  const made = (file: readonly string[]) =>
    new FileRules(rulesOfFileFlags({ file, fs: "local" }, source)).decide("/etc/hosts").rule?.origin;
  t.equal(made([]), "made");
  t.equal(made(["local:/etc/**", "local:/etc/host*"]), "made");
  t.equal(made(["read:/etc", "local:/etc/hosts"]), "flag");
});

void t.test("folders on the way to one's own are there, and nothing else of them", async (t) => {
  t.same(modes([], ["/nowhere", "/nowhere/shop", "/nowhere/shop/other", "/home", "/home/bob", "/"]), [
    ...["local", "local", "read", "local", "read", "read"],
  ]);
});
