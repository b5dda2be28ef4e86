import t from "tap";
import { InjectionLedger } from "../../../src/http/index.ts";
import { seededRandom } from "../../fixtures/byte-splits.ts";

void t.test("what is borrowed is withheld from the original when the client grants again", async (t) => {
  const ledger = new InjectionLedger();
  t.equal(ledger.borrow(70_000), 65_535);
  t.equal(ledger.borrow(1), 0);
  t.equal(ledger.grant(60_000), 0, "the original sees nothing of it");
  t.equal(ledger.grant(10_000), 4_465);
  t.equal(ledger.owedBytes, 0);
  t.equal(ledger.windowBytes, 70_000);
});

void t.test("RFC 9113 §6.9.1: the client's grants are bounded", async (t) => {
  t.throws(() => new InjectionLedger().grant(2 ** 31 - 1), { code: "window-overflow", streamId: 0 });
});

void t.test(
  "the client's window is never overrun, and what is held never above what was borrowed and a frame",
  async (t) => {
    const random = seededRandom(6);
    const below = (limit: number): number => Math.floor(random() * limit);
    const ledger = new InjectionLedger();
    let client = 65_535;
    let original = 65_535;
    const held: number[] = [];
    const releaseHeld = (): void => {
      while (held[0] !== undefined && ledger.release(held[0])) client -= held.shift() ?? 0;
    };
    for (let step = 0; step < 200_000; step++) {
      const dice = random();
      if (dice < 0.3) client -= ledger.borrow(1 + below(20_000));
      else if (dice < 0.7) {
        const bytes = Math.min(original, 1 + below(16_384));
        if (bytes <= 0) continue;
        original -= bytes;
        if (ledger.pass(bytes)) client -= bytes;
        else held.push(bytes);
      } else if (dice < 0.75 && held.length > 0) {
        const [dropped] = held.splice(below(held.length), 1);
        ledger.drop(dropped ?? 0);
        releaseHeld();
      } else {
        const bytes = Math.min(65_535 - client, 1 + below(40_000));
        if (bytes < 1) continue;
        client += bytes;
        original += ledger.grant(bytes);
        releaseHeld();
      }
      const sum = held.reduce((total, bytes) => total + bytes, 0);
      if (client < 0 || client !== ledger.windowBytes)
        throw new Error(`step ${step}: the window is ${client}`);
      if (sum !== ledger.heldBytes || sum > ledger.owedBytes + client)
        throw new Error(`step ${step}: ${sum} held`);
      if (original !== ledger.windowBytes + ledger.owedBytes - ledger.heldBytes)
        throw new Error(`step ${step}: belief`);
    }
    t.pass();
  },
);
