import t from "tap";
import { examineHost } from "../../../src/client/doctor/examine-host.ts";
import { createNamespaces } from "../../fixtures/namespaces.ts";

const { signal } = new AbortController();
const everything = { incoming: true, exec: true, ports: [] };

void t.test("a namespace of this machine is examined, and nothing of it is left", async (t) => {
  await using namespaces = await createNamespaces({ label: "doctor" });
  const { pod } = namespaces;
  const target = { kind: "netns", name: pod.name } as const;
  const label = `netns:${pod.name}`;
  const findings = await examineHost(target, { label, wanted: everything, signal });
  t.same(
    findings.filter(({ level }) => level === "blocker"),
    [],
  );
  const ids = findings.map(({ id }) => id);
  for (const id of [
    "target",
    "privilege",
    "redirect-tproxy",
    "redirect-redirect",
    "redirect-iptables",
    "sandbox",
    "files",
  ])
    t.ok(ids.includes(id), id);
  t.equal((await pod.run("nft", "list", "ruleset")).stdout, "", "no rule was ever there");
});

void t.test("a target that is not there is a blocker with the names that are", async (t) => {
  const target = { kind: "netns", name: "nobody-has-this-name" } as const;
  const wanted = { incoming: true, exec: false, ports: [] };
  const findings = await examineHost(target, { label: "netns:nobody-has-this-name", wanted, signal });
  t.match(
    findings.filter(({ level }) => level === "blocker"),
    [{ id: "target", what: /no network namespace has this name/ }],
  );
});
