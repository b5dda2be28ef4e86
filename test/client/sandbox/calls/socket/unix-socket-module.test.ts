import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";
import t from "tap";
import { runNetworked } from "../../../../fixtures/networked-program.ts";

void t.test("a program in a network namespace of its own", async (t) => {
  const name = `magpie-test-${randomUUID()}`;
  const server = createServer((socket) => socket.pipe(socket)).listen(`\0${name}`);
  t.teardown(() => server.close());
  await once(server, "listening");
  const run = await runNetworked(
    `
def talk(path):
    s = socket.socket(socket.AF_UNIX)
    s.connect(path)
    s.sendall(b'hello')
    return [s.recv(10), s.getpeername()]
def abstract(name): return outcome(lambda: talk('\\0' + name)[0])
say('pod', outcome(lambda: talk('/pod/echo.sock')))
say('absent', outcome(lambda: talk('/run/nscd/socket')))
say('here', outcome(lambda: talk('echo.sock')[0]))
say('abstract, here', abstract('${name}'))
say('abstract, nowhere', abstract('${name}-not'))
own = socket.socket(socket.AF_UNIX)
own.bind('\\0own')
own.listen()
client = socket.socket(socket.AF_UNIX)
client.connect('\\0own')
say('abstract, its own', client.getpeername())
for host, family in (('0.0.0.0', socket.AF_INET), ('::', socket.AF_INET6)):
    s = socket.socket(family)
    s.bind((host, 0))
    s.listen()
    say(host, s.getsockname()[1])
say('network', outcome(lambda: socket.create_connection((pod, 80))))
`,
    { inNamespace: true },
  );
  t.same(run.end, { how: "exited", code: 0 }, run.output);
  const { said } = run;
  await t.test("reaches sockets of the pod, and of this machine, by path", (t) => {
    t.same(said["pod"], ["hello", "/pod/echo.sock"]);
    t.equal(said["absent"], "ENOENT");
    t.equal(said["here"], "hello");
    t.end();
  });
  await t.test("reaches abstract names of its own namespace, and those of this machine", (t) => {
    t.equal(said["abstract, here"], "hello");
    t.equal(said["abstract, nowhere"], "ECONNREFUSED");
    t.match(said["abstract, its own"], /own/);
    t.end();
  });
  await t.test("is heard to listen, whichever port the kernel chose", (t) => {
    t.same(
      run.listened.map(({ port }) => port),
      [said["0.0.0.0"], said["::"]],
    );
    t.end();
  });
  await t.test("has the network of its namespace", (t) => {
    t.equal(said["network"], "ENETUNREACH");
    t.end();
  });
  t.same(run.notices, []);
});
