import t from "tap";
import { lookPast, type ReadSockets } from "../../../src/agent/bypass/look-past.ts";
import { type SocketRow } from "../../../src/kernel/index.ts";

const ownMark = 0x6d7;

/** A socket of the table, as far as a look asks. */
interface Told {
  readonly cookie: number;
  readonly key: number;
  readonly mark?: number;
  readonly isTransparent?: boolean;
}

/** A table that shows these app's ends and these clients' ends, one entry for each time that it is read. */
function table(app: readonly (readonly Told[])[], clients: readonly (readonly Told[])[]): ReadSockets {
  const left = { local: [...app], peer: [...clients] };
  return async ({ port }, visit) => {
    for (const { key, ...told } of ("local" in port ? left.local : left.peer).shift() ?? []) {
      const peer = { family: 4, address: "10.0.0.1", port: key } as const;
      visit({
        mark: 0,
        isTransparent: false,
        ...told,
        peerKey: key,
        localKey: key,
        peer,
      } as unknown as SocketRow);
    }
  };
}

const look = (readSockets: ReadSockets, known: number[] = []) =>
  lookPast({ port: 80, ownMark, known: new Set(known) }, readSockets);

void t.test("a connection that the agent dialled, or took in the app's place, is not direct", async (t) => {
  const app = [
    { cookie: 1, key: 10 },
    { cookie: 2, key: 20, isTransparent: true },
  ];
  t.same(await look(table([app], [[{ cookie: 9, key: 10, mark: ownMark }]])), []);
});

void t.test("any other is, and whether its client is in the pod is told", async (t) => {
  const app = [
    { cookie: 1, key: 10 },
    { cookie: 2, key: 20 },
  ];
  const clients = [{ cookie: 9, key: 20, mark: 7 }];
  t.same(await look(table([app, app], [clients, clients])), [
    { cookie: 1, peer: "10.0.0.1:10", isFromPod: false },
    { cookie: 2, peer: "10.0.0.1:20", isFromPod: true },
  ]);
});

void t.test("what came or went between two readings is looked at again", async (t) => {
  const own = { cookie: 9, key: 10, mark: ownMark };
  const app = [{ cookie: 1, key: 10 }];
  t.same(await look(table([app, app], [[], [own]])), [], "the agent's end was shown too early");
  t.same(await look(table([app, []], [[], []])), [], "its ends were shown too late");
});

void t.test("what is known already is not looked at twice", async (t) => {
  const app = [{ cookie: 1, key: 10 }];
  t.same(await look(table([app], [[]]), [1]), [{ cookie: 1, peer: "10.0.0.1:10", isFromPod: false }]);
});

void t.test("a port with more connections than are told apart is not judged", async (t) => {
  const many = Array.from({ length: 65_536 }, (_, index) => ({ cookie: index, key: index }));
  t.equal(await look(table([many], [[]])), "too-many");
});
