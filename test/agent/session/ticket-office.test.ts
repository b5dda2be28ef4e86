import t from "tap";
import { TicketOffice } from "../../../src/agent/session/index.ts";

void t.test("a ticket admits once", async (t) => {
  const office = new TicketOffice();
  const { ticket, expiresInMs } = office.issue();
  t.equal(expiresInMs, 30_000);
  t.equal(office.redeem(ticket), true);
  t.equal(office.redeem(ticket), false);
});

void t.test("a ticket is good until its time is up, and not after", async (t) => {
  let nowMs = 0;
  const office = new TicketOffice(() => nowMs);
  const early = office.issue().ticket;
  const late = office.issue().ticket;
  nowMs = 29_999;
  t.equal(office.redeem(early), true);
  nowMs = 30_000;
  t.equal(office.redeem(late), false);
});

void t.test("what was never issued admits nobody", async (t) => {
  const office = new TicketOffice();
  const { ticket } = office.issue();
  for (const wrong of ["", "x", ticket.slice(1), `${ticket} `, ticket.toUpperCase()])
    t.equal(office.redeem(wrong), false);
  t.equal(office.redeem(ticket), true);
});

void t.test("64 tickets are open at most: the oldest goes first", async (t) => {
  const office = new TicketOffice();
  const tickets = Array.from({ length: 65 }, () => office.issue().ticket);
  t.equal(new Set(tickets).size, 65);
  t.equal(office.redeem(tickets[0] ?? ""), false);
  t.ok(tickets.slice(1).every((ticket) => office.redeem(ticket)));
});
