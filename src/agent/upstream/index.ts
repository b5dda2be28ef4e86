export { type Dial, type DialWay, OriginalDialer } from "./original-dialer.ts";
