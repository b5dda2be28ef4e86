import { Http2Error } from "./errors.ts";
import { DEFAULT_MAX_FRAME_BYTES, type Frame } from "./frame.ts";
import { MAX_SETTINGS_PER_FRAME } from "./limits.ts";

/** RFC 9113 §6.5.2 and RFC 8441 §3. */
export const SettingId = {
  headerTableSize: 0x1,
  enablePush: 0x2,
  maxConcurrentStreams: 0x3,
  initialWindowSize: 0x4,
  maxFrameSize: 0x5,
  maxHeaderListSize: 0x6,
  enableConnectProtocol: 0x8,
} as const;

/** One setting as it stands in a frame; ids that nobody knows are kept, a proxy hands them on. */
export interface Setting {
  readonly id: number;
  readonly value: number;
}

/** What one end has told the other, all frames so far together. */
export interface Http2Settings {
  readonly headerTableBytes: number;
  readonly enablePush: boolean;
  readonly maxConcurrentStreams: number;
  readonly initialWindowBytes: number;
  readonly maxFrameBytes: number;
  readonly maxHeaderListBytes: number;
  readonly enableConnectProtocol: boolean;
}

/** RFC 9113 §6.5.2: what holds before the first frame. */
export const INITIAL_SETTINGS: Http2Settings = {
  headerTableBytes: 4096,
  enablePush: true,
  maxConcurrentStreams: Number.POSITIVE_INFINITY,
  initialWindowBytes: 65_535,
  maxFrameBytes: DEFAULT_MAX_FRAME_BYTES,
  maxHeaderListBytes: Number.POSITIVE_INFINITY,
  enableConnectProtocol: false,
};

/**
 * The settings of a SETTINGS frame in order; an acknowledgement has none.
 * @throws Http2Error `flood` above `MAX_SETTINGS_PER_FRAME`: each is kept until it is acknowledged.
 */
export function readSettings(frame: Frame): Setting[] {
  const settings: Setting[] = [];
  if (frame.end - frame.payloadStart > MAX_SETTINGS_PER_FRAME * 6)
    throw new Http2Error("flood", `more than ${MAX_SETTINGS_PER_FRAME} settings in a frame`);
  for (let at = frame.payloadStart; at + 6 <= frame.end; at += 6)
    settings.push({ id: frame.bytes.readUInt16BE(at), value: frame.bytes.readUInt32BE(at + 2) });
  return settings;
}

/**
 * The settings after a frame more (RFC 9113 §6.5.3: in order, a later value replaces an earlier one).
 * @throws Http2Error `settings-value`, `settings-window` when a value is out of its range.
 */
export function applySettings(
  current: Http2Settings,
  settings: readonly Setting[],
  sender: "client" | "server",
): Http2Settings {
  const next = { ...current };
  for (const { id, value } of settings) {
    switch (id) {
      case SettingId.headerTableSize:
        next.headerTableBytes = value;
        break;
      case SettingId.enablePush:
        // A server must not turn it on: RFC 9113 §6.5.2.
        need(value <= 1 && (sender === "client" || value === 0), id);
        next.enablePush = value === 1;
        break;
      case SettingId.maxConcurrentStreams:
        next.maxConcurrentStreams = value;
        break;
      case SettingId.initialWindowSize:
        if (value > 0x7fffffff) throw new Http2Error("settings-window", "an initial window above 2^31 - 1");
        next.initialWindowBytes = value;
        break;
      case SettingId.maxFrameSize:
        need(value >= DEFAULT_MAX_FRAME_BYTES && value <= 0xffffff, id);
        next.maxFrameBytes = value;
        break;
      case SettingId.maxHeaderListSize:
        next.maxHeaderListBytes = value;
        break;
      case SettingId.enableConnectProtocol:
        // RFC 8441 §3: once on, it stays on.
        need(value === 1 || (value === 0 && !next.enableConnectProtocol), id);
        next.enableConnectProtocol = value === 1;
        break;
      default:
    }
  }
  return next;
}

function need(holds: boolean, id: number): void {
  if (!holds) throw new Http2Error("settings-value", `setting ${id} is out of its range`);
}
