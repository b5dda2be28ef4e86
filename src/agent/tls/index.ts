export type { Layer, Laying } from "./layer.ts";
