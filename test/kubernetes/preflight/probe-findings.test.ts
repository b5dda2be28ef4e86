import t from "tap";
import { specProbes } from "../../../src/kubernetes/index.ts";
import { probeFindings } from "../../../src/kubernetes/preflight/probe-findings.ts";
import { levelLines } from "./level-lines.ts";

void t.test("what becomes of each probe is told", async (t) => {
  const web = {
    name: "web",
    livenessProbe: { httpGet: { port: 8080, path: "/healthz" } },
    readinessProbe: { exec: { command: ["cat", "/tmp/ready"] } },
    startupProbe: { exec: { command: ["redis-cli", "ping"] } },
  };
  const probes = specProbes({ metadata: { name: "web-0" }, spec: { containers: [web] } });
  const all = levelLines(probeFindings(probes, []));
  t.match(
    all,
    /ok probe: liveness probe of container web GET \/healthz on port 8080: the app always answers it/,
  );
  t.match(
    all,
    /ok probe: readiness probe of container web runs cat \/tmp\/ready: it never passes the network/,
  );
  t.match(all, /note probe: startup probe of container web runs redis-cli ping: it speaks to port 6379/);
  t.match(levelLines(probeFindings(probes, [6379])), /warning probe: startup probe/, "on that very port");
  t.notMatch(levelLines(probeFindings(probes, [80])), /liveness/, "other ports are nobody's business");
});
