import t from "tap";
import {
  CLIENT_PREFACE,
  FrameDecoder,
  FrameFlag,
  FrameType,
  Http2Error,
  pingFrame,
  RfcErrorCode,
  settingsFrame,
  writeFrameHeader,
} from "../../../src/http/index.ts";
import { seededRandom, splitRandomly } from "../../fixtures/byte-splits.ts";
import { MessageCollector } from "./message-collector.ts";
import { NodeJudge } from "./node-judge.ts";
import { recordConversation, type SaidMessage } from "./node-conversation.ts";

const TABLES = [0, 200, 4_096, 65_536];

/** Reads a recorded direction cut at random. A chunk is overwritten behind, as a read buffer that is used again. */
function collect(bytes: Buffer, options: { tables: readonly number[]; cuts: number; random: () => number }) {
  const collector = new MessageCollector(options.tables);
  for (const piece of splitRandomly(bytes, options)) {
    const chunk = Buffer.from(piece);
    collector.push(chunk);
    chunk.fill(0xdd);
  }
  return collector;
}

/** `undefined` when what was read is what was said, order included; else the first difference. */
function differenceOf(
  read: MessageCollector,
  said: ReadonlyMap<number, SaidMessage>,
): { streamId: number; read: unknown; said: unknown } | undefined {
  const messages = read.finish();
  for (const [streamId, message] of said) {
    const got = messages.get(streamId);
    // Pseudo-header fields are set by the library, in an order of its own, and `date` by its server.
    const plain = (list: readonly string[]): string[] => {
      const kept: string[] = [];
      for (let at = 0; at < list.length; at += 2) {
        const [name = "", value = ""] = [list[at], list[at + 1]];
        if (!name.startsWith(":") && name !== "date") kept.push(name, value);
      }
      return kept;
    };
    const shown = got && { ...got, fields: plain(got.fields) };
    const wanted = { ...message, fields: plain(message.fields) };
    if (
      JSON.stringify(shown, Object.keys(wanted).toSorted()) !==
      JSON.stringify(wanted, Object.keys(wanted).toSorted())
    )
      return { streamId, read: shown, said: wanted };
  }
  return undefined;
}

for (const clientTableBytes of TABLES)
  for (const serverTableBytes of TABLES)
    void t.test(
      `what nghttp2 says we read, however cut: tables ${clientTableBytes}, ${serverTableBytes}`,
      async (t) => {
        const random = seededRandom(clientTableBytes + 3 * serverTableBytes);
        const talk = await recordConversation({ random, streams: 40, clientTableBytes, serverTableBytes });
        const fromClient = talk.fromClient.subarray(CLIENT_PREFACE.length);
        // What each allows the other is in its SETTINGS, wherever they stand: they are read first.
        const [byClient, byServer] = [settingsOf(fromClient), settingsOf(talk.fromServer)];
        for (const cuts of [0, 100, 5_000]) {
          const requests = collect(fromClient, { tables: byServer, cuts, random });
          const responses = collect(talk.fromServer, { tables: byClient, cuts, random });
          t.equal(requests.isAtBoundary && responses.isAtBoundary, true);
          t.ok(Buffer.concat(requests.bytes).equals(fromClient), "no byte is lost or made");
          t.ok(Buffer.concat(responses.bytes).equals(talk.fromServer));
          t.equal(differenceOf(requests, talk.requests), undefined, `requests in ${cuts} cuts`);
          t.equal(differenceOf(responses, talk.responses), undefined, `responses in ${cuts} cuts`);
          t.equal(requests.messages.size, 40);
        }
      },
    );

/** The table sizes of a direction's SETTINGS, read without its header blocks. */
function settingsOf(bytes: Buffer): number[] {
  const tables: number[] = [];
  let table = 4_096;
  const decoder = new FrameDecoder({
    onFrame(frame) {
      if (frame.type !== FrameType.settings || (frame.flags & FrameFlag.ack) !== 0) return;
      for (let at = frame.payloadStart; at < frame.end; at += 6)
        if (frame.bytes.readUInt16BE(at) === 1) table = frame.bytes.readUInt32BE(at + 2);
      tables.push(table);
    },
    onData() {},
  });
  decoder.push(bytes);
  return tables;
}

void t.test(
  "what we refuse of a single frame, nghttp2 refuses too, and every length that it refuses (3,000)",
  async (t) => {
    const random = seededRandom(9_113);
    const below = (limit: number): number => Math.floor(random() * limit);
    const seen = { refused: 0, read: 0 };
    for (let round = 0; round < 3_000; round++) {
      const payload = Buffer.from(Array.from({ length: below(14) }, () => below(random() < 0.5 ? 4 : 256)));
      const bytes = Buffer.alloc(9 + payload.length);
      const header = {
        type: below(11),
        flags: below(256) & (random() < 0.5 ? 0x2d : 0xff),
        streamId: below(2) === 0 ? 0 : 1 + below(4),
        length: payload.length,
      };
      writeFrameHeader(bytes, 0, header);
      payload.copy(bytes, 9);
      // RFC 9113 §6.3: a PRIORITY without a stream ends the connection, one of a wrong length its stream only. nghttp2 no
      // longer looks at the first, and ends the connection for the second.
      if (header.type === FrameType.priority) continue;
      const code = ourVerdict(bytes);
      seen[code === undefined ? "read" : "refused"]++;
      const talk = [CLIENT_PREFACE, settingsFrame([]), bytes, pingFrame(Buffer.alloc(8, 1), { ack: false })];
      const { goaway, pings } = await NodeJudge.hear(Buffer.concat(talk));
      const isRefused = goaway !== undefined && goaway !== 0 && pings === 0;
      const agrees = code === undefined ? goaway !== RfcErrorCode.frameSizeError : isRefused;
      if (!agrees)
        t.fail(`${JSON.stringify(header)} ${payload.toString("hex")}: ${code}, they say ${goaway}`);
    }
    t.ok(seen.refused > 500 && seen.read > 500, JSON.stringify(seen));
  },
);

/** The code of our refusal. */
function ourVerdict(bytes: Buffer): string | undefined {
  const decoder = new FrameDecoder({ onFrame() {}, onData() {} });
  try {
    decoder.push(bytes);
    return undefined;
  } catch (error) {
    if (!(error instanceof Http2Error)) throw error;
    return error.code;
  }
}

void t.test("random bytes give frames or the typed error, alike in any split (20,000 inputs)", async (t) => {
  const random = seededRandom(33);
  const below = (limit: number): number => Math.floor(random() * limit);
  const read = (pieces: readonly Uint8Array[]): string => {
    const given: string[] = [];
    const decoder = new FrameDecoder({
      onFrame: (frame) => given.push(`${frame.type} ${frame.bytes.toString("hex", frame.start, frame.end)}`),
      onData: (piece) => given.push(piece.bytes.toString("hex", piece.dataStart, piece.dataEnd)),
    });
    try {
      for (const piece of pieces) decoder.push(Buffer.from(piece));
    } catch (error) {
      if (!(error instanceof Http2Error)) throw error;
      given.push(error.code);
    }
    return given.join("");
  };
  let refused = 0;
  for (let round = 0; round < 20_000; round++) {
    // Short lengths and known types, or nearly all would end at the first frame.
    const bytes = Buffer.from(Array.from({ length: below(80) }, () => below(random() < 0.7 ? 12 : 256)));
    for (let at = 0; at < bytes.length; at += 9 + below(12))
      bytes.fill(0, at, Math.min(at + 2, bytes.length));
    const whole = read([bytes]);
    refused += Number(/[a-z]-/.test(whole));
    // A DATA frame that is cut gives its content in pieces: together they are the same text.
    const cut = read(splitRandomly(bytes, { cuts: 1 + below(12), random }));
    if (cut !== whole && !startsAlike(cut, whole))
      throw new Error(`${bytes.toString("hex")}: ${cut} and ${whole}`);
  }
  t.ok(refused > 1_000, `${refused} refused`);
});

/** A fault in padding is found before or behind a piece of content, as the cut has it; nothing else may differ. */
function startsAlike(cut: string, whole: string): boolean {
  return whole.endsWith("frame-padding") && cut.endsWith("frame-padding");
}
