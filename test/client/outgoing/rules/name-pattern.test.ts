import t from "tap";
import { canonicalName, fitName } from "../../../../src/client/outgoing/rules/name-pattern.ts";

const search = ["default.svc.cluster.local", "svc.cluster.local", "cluster.local"];

function how(pattern: string, name: string, searchDomains: readonly string[] | null = search) {
  const isAbsolute = pattern.endsWith(".");
  return fitName({ glob: canonicalName(pattern), isAbsolute }, name, searchDomains);
}

void t.test("names are compared without case and without the dot at the end", async (t) => {
  t.equal(canonicalName("ReDiS.Example."), "redis.example");
  // RFC 4343 §3: only the letters of ASCII have a case.
  t.equal(canonicalName("\\195\\132Ä"), "\\195\\132Ä");
  t.equal(how("redis", "REDIS.")?.how, "as-it-is");
  t.equal(how("*.corp.example", "A.b.Corp.Example")?.how, "as-it-is");
  t.equal(how("*.corp.example", "corp.example"), undefined);
  t.equal(how("*.corp.example", "xcorp.example"), undefined);
});

void t.test("a name means what stands before the pod's search domains as well", async (t) => {
  t.match(how("redis", "redis.default.svc.cluster.local."), { how: "under-search", short: "redis" });
  t.match(how("redis.other", "redis.other.svc.cluster.local"), { short: "redis.other" });
  t.match(how("*.corp.example", "db.corp.example.default.svc.cluster.local"), { short: "db.corp.example" });
  t.equal(how("redis", "redis.prod"), undefined);
  t.equal(how("redis", "myredis.default.svc.cluster.local"), undefined);
  t.equal(how("redis", "redis.default.svc.cluster.local", []), undefined);
});

void t.test("a name with a dot at its end is only what it says", async (t) => {
  t.equal(how("redis.", "redis")?.how, "as-it-is");
  t.equal(how("redis.", "redis.default.svc.cluster.local"), undefined);
  t.equal(how("redis.", "redis.default.svc.cluster.local", null), undefined);
});

void t.test("without the pod's search domains it is told which one would decide", async (t) => {
  t.same(how("redis", "redis.default.svc.cluster.local", null), {
    how: "if-search",
    searchDomain: "default.svc.cluster.local",
  });
  t.same(how("redis.default.svc.cluster.local", "redis", null), {
    how: "if-search",
    searchDomain: "default.svc.cluster.local",
  });
  t.equal(how("redis.default.svc.cluster.local", "redis.", null), undefined, "asked for as it is");
  t.equal(how("redis", "db.default.svc.cluster.local", null), undefined);
});
