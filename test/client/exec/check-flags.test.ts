import t from "tap";
import { checkFlags, type ExecFlags } from "../../../src/client/exec/index.ts";

const given: ExecFlags = {
  ...{ header: [], path: [], method: [], host: [], query: [], grpc: [], filter: [], port: [], rules: [] },
  target: `pid:${process.pid}`,
  ...{
    steal: false,
    mirror: false,
    incoming: true,
    env: true,
    sandbox: "auto",
    fs: "read",
    outgoing: [],
    stealProbes: false,
  },
  ...{ onLocalFailure: "original", priority: "0", servedBy: false, localProtocol: "auto", localTls: false },
  ...{
    tlsVerify: "pin",
    takeOver: false,
    keep: false,
    redirect: "auto",
    drainMax: "12h",
    replicas: "all",
    trace: false,
  },
  ...{ output: "text", grace: "30s", onLost: "exit", program: ["true"] },
};

function planOf(flags: Partial<ExecFlags>) {
  return checkFlags({ ...given, ...flags }).plan;
}

function problemsOf(flags: Partial<ExecFlags>): string {
  return (checkFlags({ ...given, ...flags }).problems ?? [])
    .map(({ message }) => message)
    .filter((message) => !message.startsWith("this user lacks"))
    .join("\n");
}

const needsRoot = {
  skip: process.geteuid?.() === 0 ? false : "a plan takes the privilege of this machine's root",
};

void t.test(
  "requests are copied, unless a filter or --steal says that they are answered",
  needsRoot,
  async (t) => {
    const modeOf = (flags: Partial<ExecFlags>) => planOf(flags)?.incoming?.work.mode;
    t.equal(modeOf({}), "mirror");
    t.equal(modeOf({ steal: true }), "steal");
    t.equal(modeOf({ header: ["x-user: alice"] }), "steal");
    t.equal(modeOf({ header: ["x-user: alice"], mirror: true }), "mirror");
    t.equal(planOf({ incoming: false })?.incoming, undefined);
  },
);

void t.test(
  "a port is written as the target's and the program's, and the target's only once",
  needsRoot,
  async (t) => {
    t.same(planOf({ port: ["80:8080", "90"] })?.incoming?.ports, [
      { remotePort: 80, programPort: 8080 },
      { remotePort: 90, programPort: 90 },
    ]);
    t.match(problemsOf({ port: ["80:1", "80:2"] }), /names port 80 of the target twice/);
    t.match(problemsOf({ port: ["80:127.0.0.1:8080"] }), /names an address/);
    t.match(problemsOf({ port: ["80:x"] }), /has "x" as the local port/);
  },
);

void t.test("flags that contradict each other, or mean nothing, are told all at once", async (t) => {
  const both = problemsOf({ steal: true, mirror: true, port: ["x"], program: ["no-such-program"] });
  t.match(both, /--steal and --mirror contradict/);
  t.match(both, /--port "x"/);
  t.match(both, /"no-such-program" was not found/);
  t.match(problemsOf({ incoming: false, header: ["a: b"] }), /--no-incoming and --header contradict/);
  t.match(problemsOf({ priority: "3", servedBy: true }), /--priority and --served-by mean nothing to copies/);
  t.equal(problemsOf({ priority: "3", servedBy: true, steal: true }), "");
  t.match(problemsOf({ env: false, rules: [{ flag: "unset", text: "A" }] }), /--no-env and rules/);
  t.match(problemsOf({ program: undefined }), /which program is to run/);
  t.match(problemsOf({ process: "one" }), /--process "one"/);
});

void t.test(
  "without a sandbox proxies stay the user's, unless a rule takes the pod's",
  needsRoot,
  async (t) => {
    const sources = { pod: new Map([["HTTP_PROXY", "pod"]]), yours: new Map([["HTTP_PROXY", "yours"]]) };
    const valueOf = (flags: Partial<ExecFlags>) =>
      planOf(flags)?.environment?.rules.decide("HTTP_PROXY", sources).value;
    t.equal(valueOf({ sandbox: "off" }), "yours");
    t.equal(valueOf({ sandbox: "seccomp" }), "pod");
    t.equal(valueOf({ sandbox: "off", rules: [{ flag: "include", text: "HTTP_*" }] }), "pod");
  },
);

void t.test(
  "ports that are to have no requests are numbers, and none of those that are to have some",
  (t) => {
    t.match(planOf({ ignorePort: ["9000"], otherPorts: false })?.incoming, {
      ignored: [9000],
      others: false,
    });
    t.match(planOf({})?.incoming, { ignored: [], others: true });
    t.match(problemsOf({ ignorePort: ["90000"] }), /--ignore-port "90000" is no port/);
    t.match(
      problemsOf({ port: ["80:3000"], ignorePort: ["3000"] }),
      /--port 3000 and --ignore-port 3000 contradict/,
    );
    t.match(
      problemsOf({ incoming: false, ignorePort: ["3000"] }),
      /--no-incoming and --ignore-port contradict/,
    );
    t.end();
  },
);
