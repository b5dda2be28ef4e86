import t from "tap";
import { runNetworked } from "../../../../../fixtures/networked-program.ts";

for (const inNamespace of [true, false])
  void t.test(
    `${inNamespace ? "in a namespace" : "by held calls"}: no socket is made where a path is the pod's`,
    async (t) => {
      const run = await runNetworked(
        `
def bound(path):
    s = socket.socket(socket.AF_UNIX)
    s.bind(path)
    s.listen()
    return os.path.exists(path)
for name in ('here.sock', '/pod/own.sock', '/pod/own.sock', '/var/pod/own.sock'): say(name, outcome(lambda: bound(name)))
os.chdir('/')
say('relative', outcome(lambda: bound('pod/../pod/own.sock')))
`,
        { inNamespace },
      );
      t.same(run.end, { how: "exited", code: 0 }, run.output);
      t.same(run.said, {
        "here.sock": true,
        "/pod/own.sock": "EROFS",
        "/var/pod/own.sock": "ENOTSUP",
        relative: "EROFS",
      });
      t.same(
        run.notices,
        ["/pod/own.sock", "/var/pod/own.sock"].map(
          (path) =>
            `no socket can be made at ${path}, which is the pod's; --file 'local:${path}' makes it this machine's`,
        ),
        "each once",
      );
    },
  );
