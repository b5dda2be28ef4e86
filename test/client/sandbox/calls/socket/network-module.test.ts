import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import t from "tap";
import { type NetworkedRun, runNetworked } from "../../../../fixtures/networked-program.ts";
import { until } from "../../../../fixtures/until.ts";

void t.test("TCP", async (t) => {
  const run = await runNetworked(`
def blocking(to, family=socket.AF_INET):
    s = socket.socket(family)
    s.connect(to)
    names = [s.getpeername()[:2], s.getsockname()[0]]
    s.sendall(b'hello')
    s.shutdown(socket.SHUT_WR)
    return [s.recv(10), s.recv(10)] + names
say('blocking', outcome(lambda: blocking((pod, TCP))))
say('slow', outcome(lambda: blocking(('10.99.0.78', TCP))))
say('mapped', outcome(lambda: blocking(('::ffff:10.99.0.1', TCP), socket.AF_INET6)))
say('six', outcome(lambda: blocking(('fd99::1', TCP), socket.AF_INET6)))
say('here', outcome(lambda: blocking(('127.0.0.2', TCP))))
hosts = {'refused': '10.99.0.66', 'unreachable': '10.99.0.67', 'timed out': '10.99.0.68', 'six': 'fd99::66'}
say('errors', {name: outcome(lambda: socket.create_connection((host, TCP)) and 'connected') for name, host in hosts.items()})
say('closed port', outcome(lambda: socket.create_connection((pod, 1))))

def begin(to):
    s = socket.socket()
    s.setblocking(False)
    poll = select.poll()
    poll.register(s, select.POLLIN | select.POLLOUT)
    return s, poll, name_of(s.connect_ex(to))
def events(poll, ms): return [e & ~select.POLLIN & ~select.POLLRDHUP for _, e in poll.poll(ms)]
def later():
    s, poll, first = begin(('10.99.0.78', TCP))
    again = name_of(s.connect_ex(('10.99.0.78', TCP)))
    early = events(poll, 20)
    late = events(poll, 2000)
    result = [first, again, early, late == [select.POLLOUT], s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)]
    return result + [name_of(s.connect_ex(('10.99.0.78', TCP))), name_of(s.connect_ex(('10.99.0.78', TCP))), s.getpeername()[0]]
say('later', outcome(later))
def fails(host):
    s, poll, first = begin((host, TCP))
    # For a moment it is a socket that was never connected, which has no POLLERR.
    return [first, [e | select.POLLERR for e in events(poll, 2000)] == [select.POLLOUT | select.POLLERR | select.POLLHUP], name_of(s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)), s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)]
say('later fails', {name: outcome(lambda: fails(host)) for name, host in hosts.items() if name != 'six'})
def fails_again():
    s, poll, first = begin(('10.99.0.67', TCP))
    events(poll, 2000)
    return name_of(s.connect_ex(('10.99.0.67', TCP)))
say('fails again', outcome(fails_again))
def timeout():
    s = socket.socket()
    s.settimeout(0.05)
    s.connect(('10.99.0.77', TCP))
say('program gives up', outcome(timeout))
def sndtimeo():
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('ll', 0, 50000))
    s.connect(('10.99.0.77', TCP))
say('SO_SNDTIMEO', outcome(sndtimeo))
class Alarm(Exception): pass
def on_alarm(*_): raise Alarm
def interrupted():
    signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try: socket.socket().connect(('10.99.0.77', TCP))
    except Alarm: return 'its handler ran'
say('signal', outcome(interrupted))
def restarted():
    ran = []
    signal.signal(signal.SIGALRM, lambda *_: ran.append(1))
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    s = socket.socket()
    s.connect(('10.99.0.78', TCP))
    s.sendall(b'x')
    return [ran, s.recv(1)]
say('signal and on', outcome(restarted))
def many():
    async def one():
        reader, writer = await asyncio.open_connection(pod, TCP)
        writer.write(b'many')
        writer.write_eof()
        data = await reader.read()
        writer.close()
        return data
    async def all(): return await asyncio.gather(*[one() for _ in range(500)])
    return sum(data == b'many' for data in asyncio.run(all()))
say('many', outcome(many))
def taken_back():
    s, poll, first = begin(('10.99.0.78', TCP))
    import ctypes
    ctypes.CDLL(None).connect(s.fileno(), struct.pack('H26x', 0), 28)
    s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    s.setblocking(True)
    s.connect((pod, TCP))
    return s.getpeername()[0]
say('taken back', outcome(taken_back))
child = os.fork()
if child == 0:
    socket.socket().connect(('10.99.0.77', TCP))
time.sleep(0.05)
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
left = socket.create_connection((pod, TCP))
say('over', 1)
`);
  t.same(run.end, { how: "exited", code: 0 }, run.output);
  const { said, far } = run;
  await t.test(
    "a connection to the pod is there when connect(2) returns, and ends each way by itself",
    (t) => {
      t.same(said["blocking"], ["hello", "", ["10.99.0.1", echoPort(said)], "10.99.7.7"]);
      t.match(said["slow"], ["hello", ""]);
      t.end();
    },
  );
  await t.test("IPv6, and IPv4 mapped into it, are called as the program calls them", (t) => {
    t.same(said["mapped"], ["hello", "", ["::ffff:10.99.0.1", echoPort(said)], "::ffff:10.99.7.7"]);
    t.same(said["six"], ["hello", "", ["fd99::1", echoPort(said)], "fd99::7"]);
    t.end();
  });
  await t.test("what leaves from this machine is the kernel's", (t) => {
    t.match(said["here"], ["hello", "", ["127.0.0.2"]]);
    t.notOk(far.asked.some((to) => to.protocol === "tcp" && to.endpoint.address === "127.0.0.2"));
    t.end();
  });
  await t.test("connect(2) fails with the errno of the far end", (t) => {
    const errors = { refused: "ECONNREFUSED", unreachable: "EHOSTUNREACH", "timed out": "ETIMEDOUT" };
    t.same(said["errors"], { ...errors, six: "ECONNREFUSED" });
    t.equal(said["closed port"], "ECONNREFUSED");
    t.end();
  });
  await t.test("who does not wait is held up by nothing, and woken when the far end has accepted", (t) => {
    t.same(said["later"], ["EINPROGRESS", "EALREADY", [], true, 0, 0, "EISCONN", "10.99.0.78"]);
    t.end();
  });
  await t.test("who does not wait is told the errno of the far end, once", (t) => {
    t.same(said["later fails"], {
      refused: ["EINPROGRESS", true, "ECONNREFUSED", 0],
      unreachable: ["EINPROGRESS", true, "EHOSTUNREACH", 0],
      "timed out": ["EINPROGRESS", true, "ETIMEDOUT", 0],
    });
    t.equal(said["fails again"], "EHOSTUNREACH");
    t.end();
  });
  await t.test("limits of the program itself, and its signals, end the wait", (t) => {
    t.equal(said["program gives up"], "timed out");
    t.equal(said["SO_SNDTIMEO"], "EINPROGRESS");
    t.equal(said["signal"], "its handler ran");
    t.same(said["signal and on"], [[1], "x"]);
    t.end();
  });
  await t.test("500 connections at once", (t) => {
    t.equal(said["many"], 500);
    t.end();
  });
  await t.test("a socket whose connection was taken back can be connected anew", (t) => {
    t.equal(said["taken back"], "10.99.0.1");
    t.end();
  });
  await t.test(
    "nothing is left when the program has ended, nor of a process that was killed while it waited",
    async (t) => {
      t.equal(said["over"], 1);
      t.ok(far.givenUp >= 1);
      await until(() => far.open.size === 0, { what: "far ends to be closed" });
    },
  );
  t.same(run.notices, []);
});

/** Of the echo, as the program saw it. */
function echoPort(said: Readonly<Record<string, unknown>>): number {
  return (said["blocking"] as [string, string, [string, number]])[2][1];
}

void t.test("UDP", async (t) => {
  const run = await runNetworked(`
def exchange(to, family=socket.AF_INET):
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.sendto(b'one', to)
    first = s.recvfrom(100)
    s.sendto(b'two', to)
    return [first[0], first[1][:2], s.recvfrom(2)[0]]
say('unconnected', outcome(lambda: exchange((pod, UDP))))
say('mapped', outcome(lambda: exchange(('::ffff:10.99.0.1', UDP), socket.AF_INET6)))
say('six', outcome(lambda: exchange(('fd99::1', UDP), socket.AF_INET6)))
say('here', outcome(lambda: exchange(('127.0.0.2', UDP))))
def message():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.sendmsg([b'a', b'bc'], [], 0, (pod, UDP))
    poll = select.poll()
    poll.register(s, select.POLLIN)
    parts = [bytearray(1), bytearray(5)]
    return [len(poll.poll(2000)), s.recvmsg_into(parts)[0], parts[0], parts[1][:2]]
say('message', outcome(message))
def connected():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((pod, UDP))
    s.send(b'x')
    first = s.recv(10)
    s.send(b'y')
    return [first, s.recvfrom(10), s.getpeername(), s.getsockname()[0]]
say('connected', outcome(connected))
def refused():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect(('10.99.0.66', UDP))
    s.send(b'x')
    poll = select.poll()
    poll.register(s, select.POLLIN)
    say('refused wakes', len(poll.poll(2000)))
    s.recv(10)
say('refused', outcome(refused))
def elsewhere():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.sendto(b'elsewhere', (pod, UDP))
    return [s.recvfrom(20), s.recvfrom(20)]
say('elsewhere', outcome(elsewhere))
def rcvtimeo():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 0, 50000))
    s.sendto(b'', (pod, UDP))
    say('empty', s.recvfrom(10)[0])
    s.recvfrom(10)
say('SO_RCVTIMEO', outcome(rcvtimeo))
def nonblocking():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setblocking(False)
    s.sendto(b'elsewhere', ('10.99.0.66', UDP))
    s.recvfrom(10)
say('nonblocking', outcome(nonblocking))
def parked():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.sendto(b'1', (pod, UDP))
    s.recvfrom(10)
    got = []
    thread = threading.Thread(target=lambda: got.append(s.recvfrom(10)[0]))
    thread.start()
    time.sleep(0.05)
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'of here', ('127.0.0.1', s.getsockname()[1]))
    thread.join()
    return got
say('parked', outcome(parked))
class Alarm(Exception): pass
def on_alarm(*_): raise Alarm
def interrupted():
    signal.signal(signal.SIGALRM, on_alarm)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.sendto(b'1', (pod, UDP))
    s.recvfrom(10)
    try: s.recvfrom(10)
    except Alarm: return 'its handler ran'
say('signal', outcome(interrupted))
def burst():
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(2)
    for i in range(100): s.sendto(b'%d' % i, (pod, UDP))
    return sum(int(s.recvfrom(10)[0]) for i in range(100))
say('burst', outcome(burst))
def own():
    server, client = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    server.bind(('127.0.0.1', 0))
    client.sendto(b'question', server.getsockname())
    question, who = server.recvfrom(10)
    server.sendto(b'answer', who)
    return [question, client.recvfrom(10)[0]]
say('own', outcome(own))
`);
  t.same(run.end, { how: "exited", code: 0 }, run.output);
  const { said, far } = run;
  const port = (said["unconnected"] as [string, [string, number]])[1][1];
  await t.test("answers come to the very socket, from whom they are", (t) => {
    t.same(said["unconnected"], ["one", ["10.99.0.1", port], "tw"]);
    t.same(said["mapped"], ["one", ["::ffff:10.99.0.1", port], "tw"]);
    t.same(said["six"], ["one", ["fd99::1", port], "tw"]);
    t.same(said["elsewhere"], [
      ["elsewhere", ["10.99.0.1", port]],
      ["here", ["10.99.0.1", 9]],
    ]);
    t.equal(said["burst"], (99 * 100) / 2);
    t.end();
  });
  await t.test("messages in parts, with poll(2)", (t) => {
    t.same(said["message"], [1, 3, "a", "bc"]);
    t.end();
  });
  await t.test("a connected socket has its peer's name, and hears that nobody is there", (t) => {
    t.same(said["connected"], ["x", ["y", ["10.99.0.1", port]], ["10.99.0.1", port], "10.99.7.7"]);
    t.equal(said["refused wakes"], 1);
    t.equal(said["refused"], "ECONNREFUSED");
    t.ok(far.datagramsTo.some(({ connected }) => connected));
    t.end();
  });
  await t.test("who waits is woken by whoever sends, and by limits and signals", (t) => {
    t.same(said["parked"], ["of here"]);
    t.equal(said["empty"], "");
    t.equal(said["SO_RCVTIMEO"], "EAGAIN");
    t.equal(said["nonblocking"], "EAGAIN");
    t.equal(said["signal"], "its handler ran");
    t.end();
  });
  await t.test("what the program sends to itself, or to this machine, stays here", (t) => {
    t.same(said["own"], ["question", "answer"]);
    t.same(said["here"], ["one", ["127.0.0.2", port], "tw"]);
    t.notOk(far.datagramsTo.some(({ to }) => to.address.startsWith("127.")));
    t.end();
  });
  t.equal(far.openPorts, 0, "no far end is left");
  t.same(run.notices, []);
});

const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups"];
const servers = `
own = '10.99.7.7'
def server(at, family=socket.AF_INET):
    s = socket.socket(family)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(at)
    s.listen()
    return s
def talk(listener, to, family=socket.AF_INET):
    c = socket.socket(family)
    c.connect(to)
    a, _ = listener.accept()
    c.sendall(b'x')
    return [a.recv(1), c.getpeername()[0], a.getsockname()[:2]]
`;

void t.test("listening and binding", async (t) => {
  const run = await runNetworked(
    `${servers}
mine = server((own, 0))
say('pod', [mine.getsockname(), outcome(lambda: talk(mine, mine.getsockname()))])
say('foreign', outcome(lambda: server(('10.98.0.1', 0))))
say('taken', outcome(lambda: server(('127.0.0.1', TCP))))
unbound = socket.socket()
unbound.listen()
say('unbound', outcome(lambda: talk(unbound, ('127.0.0.1', unbound.getsockname()[1])))[0])
both = server(('::', 0), socket.AF_INET6)
port = both.getsockname()[1]
say('both', [outcome(lambda: talk(both, (host, port), family))[1] for host, family in [('::1', 10), ('127.0.0.1', 2), (own, 2)]])
say('not its own', outcome(lambda: socket.create_connection(('127.0.0.1', 1))))
sys.stdin.readline()
a, _ = mine.accept()
say('dialled', [a.recv(10), a.getsockname()[0]])
a.close()
mine.close()
sys.stdin.readline()
`,
    {
      whileItRuns: async ({ module, go, listened, closed }) => {
        await until(() => listened.length === 3, { what: "three listeners" });
        const port = listened[0]?.port ?? 0;
        const socket = module.dial(port);
        socket.end("of the pod");
        go();
        await once(socket.resume(), "close");
        await until(() => closed.includes(port), { what: "the listener to be closed" });
        go();
        await once(module.dial(port), "error");
      },
    },
  );
  t.same(run.end, { how: "exited", code: 0 }, run.output);
  const { said, listened } = run;
  await t.test(
    "an address of the pod can be bound, one that nobody has cannot, and what is taken is taken",
    (t) => {
      const port = listened[0]?.port;
      t.same(said["pod"], [
        ["10.99.7.7", port],
        ["x", "10.99.7.7", ["10.99.7.7", port]],
      ]);
      t.equal(said["foreign"], "EADDRNOTAVAIL");
      t.equal(said["taken"], "EADDRINUSE");
      t.end();
    },
  );
  await t.test("the program reaches its own listeners, and all else on localhost is the pod's", (t) => {
    t.equal(said["unbound"], "x");
    t.same(said["both"], ["::1", "127.0.0.1", "10.99.7.7"]);
    t.equal(said["not its own"], "ECONNREFUSED");
    t.match(run.far.asked.at(-1), { endpoint: { address: "127.0.0.1", port: 1 } });
    t.end();
  });
  await t.test("a port that it listens on can be dialled until it is closed", (t) => {
    t.same(said["dialled"], ["of the pod", "10.99.7.7"]);
    t.end();
  });
  t.same(run.notices, []);
});

void t.test("a port of the privileged is moved, and nobody in the program can tell", async (t) => {
  const fixture = fileURLToPath(import.meta.resolve("../../../../fixtures/networked-as-nobody.ts"));
  const child = spawn(
    "setpriv",
    [...nobody, "--", "env", "-i", `PATH=${process.env["PATH"]}`, process.execPath, fixture],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  child.stdin.end(`${servers}
low = server(('', 81))
say('low', [low.getsockname(), outcome(lambda: talk(low, ('127.0.0.1', 81))), outcome(lambda: talk(low, (own, 81)))])
say('low again', outcome(lambda: server(('', 81))))
low6 = server(('::', 82), socket.AF_INET6)
say('low6', [low6.getsockname()[:2], outcome(lambda: talk(low6, ('::1', 82), socket.AF_INET6)), outcome(lambda: talk(low6, ('127.0.0.1', 82)))])
udp, asker = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
udp.bind(('', 53))
asker.sendto(b'q', ('127.0.0.1', 53))
question, who = udp.recvfrom(10)
udp.sendto(b'a', who)
say('udp', [udp.getsockname(), question, asker.recvfrom(10)])
`);
  const printed = await text(child.stdout);
  // Not everybody may read where this is.
  if (printed === "") {
    t.comment("no ordinary user can run it here");
    return;
  }
  const run = JSON.parse(printed) as NetworkedRun;
  t.same(run.end, { how: "exited", code: 0 }, run.output);
  t.same(run.said["low"], [
    ["0.0.0.0", 81],
    ["x", "127.0.0.1", ["127.0.0.1", 81]],
    ["x", "10.99.7.7", ["127.0.0.1", 81]],
  ]);
  t.equal(run.said["low again"], "EADDRINUSE");
  t.same(run.said["low6"], [
    ["::", 82],
    ["x", "::1", ["::1", 82]],
    ["x", "127.0.0.1", ["::ffff:127.0.0.1", 82]],
  ]);
  t.same(run.said["udp"], [["0.0.0.0", 53], "q", ["a", ["127.0.0.1", 53]]]);
  t.same(
    run.listened.map(({ port, hostPort }) => [port, hostPort >= 1024]),
    [
      [81, true],
      [82, true],
    ],
  );
  t.same(run.notices, []);
});

void t.test("sockets of unix(7)", async (t) => {
  const run = await runNetworked(`
def talk(path, kind=socket.SOCK_STREAM, timeout=None):
    s = socket.socket(socket.AF_UNIX, kind)
    s.settimeout(timeout)
    s.connect(path)
    s.sendall(b'hello')
    name = s.getpeername()
    s.shutdown(socket.SHUT_WR)
    return [s.recv(10), s.recv(10), name]
say('pod', outcome(lambda: talk('/pod/echo.sock')))
say('impatient', outcome(lambda: talk('/pod/echo.sock', timeout=2)))
say('absent there', outcome(lambda: talk('/pod/none.sock')))
say('absent', outcome(lambda: talk('/run/nscd/socket')))
say('here', outcome(lambda: talk('echo.sock'))[0])
say('datagram', outcome(lambda: talk('/pod/echo.sock', socket.SOCK_DGRAM)))
say('datagram sent', outcome(lambda: socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b'x', '/pod/log')))
os.chdir('/')
say('relative', outcome(lambda: talk('pod/echo.sock')))
`);
  t.same(run.end, { how: "exited", code: 0 }, run.output);
  t.same(run.said, {
    pod: ["hello", "", "/pod/echo.sock"],
    impatient: ["hello", "", "/pod/echo.sock"],
    "absent there": "ENOENT",
    absent: "ENOENT",
    here: "hello",
    datagram: "EPROTOTYPE",
    "datagram sent": "EPROTOTYPE",
    relative: ["hello", "", "pod/echo.sock"],
  });
  t.same(run.notices, []);
});

void t.test("what neither TCP nor UDP carries is refused, and never leaves from this machine", async (t) => {
  const run = await runNetworked(`
def kind(family, type, protocol=0):
    return outcome(lambda: socket.socket(family, type, protocol) and 'a socket')
families = {'four': socket.AF_INET, 'six': socket.AF_INET6}
say('multipath', {name: kind(family, socket.SOCK_STREAM | socket.SOCK_CLOEXEC, 262) for name, family in families.items()})
say('raw', [kind(family, socket.SOCK_RAW, 1) for family in families.values()])
say('ping', kind(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP))
say('seqpacket', kind(socket.AF_INET, socket.SOCK_SEQPACKET))
usual = [(socket.SOCK_STREAM, 0), (socket.SOCK_STREAM, 6), (socket.SOCK_DGRAM, 0), (socket.SOCK_DGRAM, 17)]
say('usual', [kind(family, *one) for family in families.values() for one in usual])
say('others', [kind(socket.AF_UNIX, socket.SOCK_SEQPACKET), kind(socket.AF_NETLINK, socket.SOCK_RAW)])
def udp(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
say('group', [outcome(lambda: udp().sendto(b'x', ('239.99.0.1', 9))), outcome(lambda: udp().connect(('239.99.0.1', 9)))])
say('group here', outcome(lambda: udp().connect(('239.98.0.1', 9)) or 'connected'))
`);
  t.same(run.end, { how: "exited", code: 0 }, run.output);
  t.same(run.said, {
    multipath: { four: "EPROTONOSUPPORT", six: "EPROTONOSUPPORT" },
    raw: ["EPERM", "EPERM"],
    ping: "EPROTONOSUPPORT",
    seqpacket: "EPROTONOSUPPORT",
    usual: Array.from({ length: 8 }, () => "a socket"),
    others: ["a socket", "a socket"],
    group: ["ENETUNREACH", "ENETUNREACH"],
    "group here": "connected",
  });
  t.same(run.far.datagramsTo, []);
  t.equal(run.notices.length, 4, "each is told once, and of multipath nothing need be known");
  for (const what of [/a raw socket/, /protocol 1 /, /protocol 0 /, /239\.99\.0\.1 .* --outgoing 'local:/])
    t.ok(
      run.notices.some((one) => what.test(one)),
      String(what),
    );
});

void t.test("a socket that is bound to a device reaches the pod all the same", async (t) => {
  const run = await runNetworked(`
def bound(device, kind=socket.SOCK_STREAM):
    s = socket.socket(socket.AF_INET, kind)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
    s.settimeout(5)
    s.connect((pod, TCP if kind == socket.SOCK_STREAM else UDP))
    s.send(b'hello')
    return s.recv(10)
say('stream', outcome(lambda: bound(b'eth0\\0')))
say('datagram', outcome(lambda: bound(b'eth0', socket.SOCK_DGRAM)))
say('none', [outcome(lambda: bound(device)) for device in (b'no-such\\0', b'../net\\0')])
say('undone', outcome(lambda: bound(b'')))
`);
  t.same(run.end, { how: "exited", code: 0 }, run.output);
  const none = ["ENODEV", "ENODEV"];
  t.same(run.said, { stream: "hello", datagram: "hello", none, undone: "hello" });
});
