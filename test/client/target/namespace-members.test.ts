import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";
import { ClientError } from "../../../src/client/errors.ts";
import { NamespaceMembers } from "../../../src/client/target/namespace-members.ts";
import { chooseMember, oneOf } from "../../../src/client/target/member-site.ts";
import type { AgentSite, ResolvedTarget } from "../../../src/client/target/index.ts";

/** Nobody asks it for anything here. */
const site = {} as AgentSite;

function members(t: { teardown: (end: () => void) => void }) {
  const directory = mkdtempSync(join(tmpdir(), "magpie-names-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const keys = new Map<string, string>();
  const open = (name: string): ResolvedTarget => {
    const key = keys.get(name);
    if (key === undefined) throw new ClientError("target-unknown", "it is no namespace yet");
    return { label: `netns:${name}`, key, site };
  };
  const add = (name: string, key: string): void => {
    keys.set(name, key);
    writeFileSync(join(directory, name), "");
  };
  const all = new NamespaceMembers({ pattern: "web-*", directory, open, intervalMs: 5 });
  return { all, add, keys, directory };
}

void t.test(
  "those whose names fit are members, web-2 before web-10; what is no namespace yet is none",
  async (t) => {
    const { all, add, directory } = members(t);
    for (const name of ["web-10", "web-2", "db-1"]) add(name, name);
    writeFileSync(join(directory, "web-3"), "");
    t.same(
      all.now().map(({ name, state }) => [name, state]),
      [
        ["web-2", "ready"],
        ["web-10", "ready"],
      ],
    );
  },
);

void t.test(
  "each change is told, another one of the same name too, and nothing when nothing changes",
  async (t) => {
    const { all, add, keys, directory } = members(t);
    add("web-1", "a");
    const over = new AbortController();
    const seen = all.watch({ signal: over.signal })[Symbol.asyncIterator]();
    const next = async (): Promise<string[]> => ((await seen.next()).value ?? []).map(({ id }) => id);
    t.same(await next(), ["a"]);
    add("web-2", "b");
    t.same(await next(), ["a", "b"]);
    keys.set("web-1", "c");
    t.same(await next(), ["c", "b"]);
    rmSync(join(directory, "web-1"));
    t.same(await next(), ["b"]);
    const later = seen.next();
    const silent = Symbol("silent");
    t.equal(await Promise.race([later, new Promise((resolve) => setTimeout(resolve, 50, silent))]), silent);
    over.abort();
    t.equal((await later).done, true);
  },
);

void t.test("where only one can be meant it is the first that is ready, or the named one", async (t) => {
  const { all, add } = members(t);
  const signal = new AbortController().signal;
  const target = { label: "netns:web-*", key: "all", site, members: all };
  await t.rejects(oneOf(target, { from: undefined, signal }), { code: "target-unready" });
  add("web-1", "a");
  add("web-2", "b");
  t.match(await oneOf(target, { from: undefined, signal }), {
    target: { label: "netns:web-1" },
    note: "of namespace web-1, the first of netns:web-*; --from names another one",
  });
  t.match(await oneOf(target, { from: "web-2", signal }), { member: { name: "web-2" } });
  t.match(await oneOf(target, { from: "netns:web-2", signal }), { member: { name: "web-2" } });
  await t.rejects(oneOf(target, { from: "web-9", signal }), {
    code: "target-unknown",
    hint: "There are: web-1, web-2.",
  });
  await t.rejects(oneOf({ label: "netns:x", key: "x", site }, { from: "web-1", signal }), { code: "usage" });
  t.throws(() => chooseMember([], { label: "x", noun: all.noun, from: undefined }), {
    code: "target-unready",
  });
});
