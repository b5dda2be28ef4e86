import t from "tap";
import {
  applySettings,
  type Frame,
  FrameDecoder,
  INITIAL_SETTINGS,
  readSettings,
  type Setting,
  SettingId,
  settingsFrame,
} from "../../../src/http/index.ts";

void t.test("settings read as they were written, unknown ones too, in order", async (t) => {
  const settings = [
    { id: 1, value: 0 },
    { id: 0x4_242, value: 2 ** 32 - 1 },
    { id: 1, value: 9 },
  ];
  let got: Setting[] = [];
  const decoder = new FrameDecoder({ onFrame: (frame) => (got = readSettings(frame)), onData() {} });
  decoder.push(settingsFrame(settings));
  t.same(got, settings);
  t.equal(applySettings(INITIAL_SETTINGS, got, "client").headerTableBytes, 9, "the last one holds");
});

const faults: readonly (readonly [
  law: string,
  setting: Setting,
  sender: "client" | "server",
  code: string,
])[] = [
  ["ENABLE_PUSH 2", { id: SettingId.enablePush, value: 2 }, "client", "settings-value"],
  ["ENABLE_PUSH 1 of a server", { id: SettingId.enablePush, value: 1 }, "server", "settings-value"],
  [
    "INITIAL_WINDOW_SIZE 2^31",
    { id: SettingId.initialWindowSize, value: 2 ** 31 },
    "client",
    "settings-window",
  ],
  ["MAX_FRAME_SIZE 16383", { id: SettingId.maxFrameSize, value: 16_383 }, "client", "settings-value"],
  ["MAX_FRAME_SIZE 2^24", { id: SettingId.maxFrameSize, value: 2 ** 24 }, "client", "settings-value"],
  [
    "ENABLE_CONNECT_PROTOCOL 2",
    { id: SettingId.enableConnectProtocol, value: 2 },
    "server",
    "settings-value",
  ],
];
for (const [law, setting, sender, code] of faults) {
  void t.test(`RFC 9113 §6.5.2: ${law} ends the connection`, async (t) => {
    t.throws(() => applySettings(INITIAL_SETTINGS, [setting], sender), { code, streamId: 0 });
  });
}

void t.test("every known setting finds its place", async (t) => {
  const settings = [1, 2, 3, 4, 5, 6, 8].map((id) => ({
    id,
    value: id === 5 ? 20_000 : id === 2 || id === 8 ? 1 : id,
  }));
  t.same(applySettings(INITIAL_SETTINGS, settings, "client"), {
    headerTableBytes: 1,
    enablePush: true,
    maxConcurrentStreams: 3,
    initialWindowBytes: 4,
    maxFrameBytes: 20_000,
    maxHeaderListBytes: 6,
    enableConnectProtocol: true,
  });
});

void t.test("RFC 8441 §3: extended CONNECT is not taken back", async (t) => {
  const on = applySettings(INITIAL_SETTINGS, [{ id: 8, value: 1 }], "server");
  t.throws(() => applySettings(on, [{ id: 8, value: 0 }], "server"), { code: "settings-value" });
});

void t.test("a frame holds 32 settings: each is kept until it is acknowledged", async (t) => {
  const frame = (count: number): Frame => {
    const bytes = Buffer.alloc(9 + count * 6);
    return { type: 4, flags: 0, streamId: 0, bytes, start: 0, payloadStart: 9, end: bytes.length };
  };
  t.equal(readSettings(frame(32)).length, 32);
  t.throws(() => readSettings(frame(33)), { code: "flood", rfcCode: 11 });
});
