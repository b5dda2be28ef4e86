import {
  CLIENT_PREFACE,
  CONNECTION_WINDOW_BYTES,
  MAX_HEADER_LIST_BYTES,
  SettingId,
  settingsFrame,
  windowUpdateFrame,
} from "../../../http/index.ts";
import { STREAM_WINDOW_BYTES } from "./local-http2-stream.ts";

/** All streams of a connection together may be so far ahead of the callers: what waits for them is bounded by it. */
export const CONNECTION_BYTES = 64 * 1024 * 1024;

/** The first bytes of a connection (RFC 9113 §3.4): they carry nothing of any request. */
export const greeting = Buffer.concat([
  CLIENT_PREFACE,
  settingsFrame([
    { id: SettingId.enablePush, value: 0 },
    { id: SettingId.initialWindowSize, value: STREAM_WINDOW_BYTES },
    { id: SettingId.maxHeaderListSize, value: MAX_HEADER_LIST_BYTES },
  ]),
  windowUpdateFrame(0, CONNECTION_BYTES - CONNECTION_WINDOW_BYTES),
]);
