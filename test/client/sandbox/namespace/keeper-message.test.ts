import t from "tap";
import {
  parseKeeperMessage,
  parseKeeperRequest,
} from "../../../../src/client/sandbox/namespace/keeper-message.ts";

void t.test("what the keeper says comes out as it went in", async (t) => {
  for (const message of [
    { is: "ready", names: ["listener4", "packetLog"], notices: ["no IPv6"] },
    { is: "laid-out" },
    { is: "failed", step: "sockets", message: "socket: EPERM" },
    { is: "sockets", family: 6 },
  ])
    t.same(parseKeeperMessage(JSON.stringify(message)), message);
});

void t.test("what is no message of the keeper is refused", async (t) => {
  for (const text of [
    "",
    "{",
    "[]",
    '{"is":"ready"}',
    '{"is":"ready","names":["root"],"notices":[]}',
    '{"is":"sockets","family":5}',
  ])
    t.throws(() => parseKeeperMessage(text), /keeper said/);
});

void t.test("what the keeper is asked comes out as it went in", async (t) => {
  t.same(parseKeeperRequest('{"ask":"sockets","family":4,"count":16}'), {
    ask: "sockets",
    family: 4,
    count: 16,
  });
  t.same(parseKeeperRequest('{"ask":"layout","addresses":["10.88.0.5","fd88::5"],"hostname":"pod-1"}'), {
    ask: "layout",
    addresses: ["10.88.0.5", "fd88::5"],
    hostname: "pod-1",
  });
});

void t.test("only address literals get into the commands that lay the network out", async (t) => {
  for (const address of ["10.0.0.1/8", "10.0.0.1 dev lo\nlink set lo down", "pod", ""])
    t.throws(() => parseKeeperRequest(JSON.stringify({ ask: "layout", addresses: [address] })), /was asked/);
});
