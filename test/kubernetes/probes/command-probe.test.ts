import t from "tap";
import { commandProbe } from "../../../src/kubernetes/probes/command-probe.ts";

const read = (...command: string[]) => commandProbe(command, "liveness probe of container web");
const shell = (script: string) => read("sh", "-c", script);
const known = (path: string, userAgent = "curl/") => ({ kind: "exec", path, userAgent });

void t.test("what a command asks the app over loopback is known", async (t) => {
  const cases = [
    [read("curl", "-f", "http://localhost:8080/healthz"), 8080, known("/healthz")],
    [read("curl", "-sf", "-m", "2", "127.0.0.1:8080/a?b=1"), 8080, known("/a?b=1")],
    [read("/usr/bin/curl", "--max-time", "2", "-fsSo", "/dev/null", "http://[::1]/"), 80, known("/")],
    [read("curl", "-A", "health", "localhost/x"), 80, known("/x", "health")],
    [read("curl", "-I", "localhost:81"), 81, known("/")],
    [shell("curl -f 'http://localhost:8080/healthz' || exit 1"), 8080, known("/healthz")],
    [shell("set -e; test -f /tmp/up && exec timeout 3 curl -s http://$POD_IP:8080/up"), 8080, known("/up")],
    [shell('curl -H "X: y z" http://$(POD_IP):8080/up'), 8080, known("/up")],
    [read("wget", "-q", "-O-", "http://localhost:8080/h"), 8080, known("/h", "Wget")],
    [read("wget", "--spider", "-T", "3", "localhost/"), 80, known("/", "Wget")],
  ] as const;
  for (const [probe, port, expected] of cases) t.match(probe, { port, known: expected }, probe.does);
  t.match(read("grpc_health_probe", "-addr=:50051"), {
    port: 50051,
    known: { kind: "exec", path: null, userAgent: "grpc_health_probe" },
  });
  t.match(read("/bin/grpc_health_probe", "--addr", "localhost:50051", "-connect-timeout=1s"), {
    port: 50051,
  });
  t.match(read("curl", "-k", "https://localhost:8443/h"), {
    port: 8443,
    known: { kind: "https", path: "/h", serverName: "localhost" },
  });
  t.match(shell("nc -z -w 1 localhost 8080"), { port: 8080, known: { kind: "tcp" } });
});

void t.test("what cannot be told from other requests is said", async (t) => {
  t.match(read("curl", "-X", "POST", "localhost/run"), {
    port: 80,
    known: undefined,
    caveat: /cannot be told/,
  });
  t.match(read("curl", "-d", "x", "localhost/run"), { known: undefined, caveat: /cannot be told/ });
  t.match(read("redis-cli", "-p", "6380", "ping"), { port: 6380, known: undefined, caveat: /no HTTP/ });
  t.match(read("pg_isready", "-U", "shop"), { port: 5432, caveat: /no HTTP/ });
  t.match(read("/healthcheck.sh"), { port: undefined, known: undefined, caveat: /magpie why/ });
});

void t.test("what asks nobody of the pod has nothing to be known by", async (t) => {
  for (const probe of [read("cat", "/tmp/healthy"), shell("test -f /tmp/up && pgrep java >/dev/null")])
    t.same([probe.port, probe.known, probe.caveat], [undefined, undefined, undefined], probe.does);
  t.match(read("curl", "http://elsewhere:80/"), { port: undefined, known: undefined });
  t.match(read("redis-cli", "-h", "elsewhere", "ping"), { port: undefined });
  t.match(read(), { port: undefined });
});
