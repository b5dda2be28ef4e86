export {
  Coverage,
  type CoverageChange,
  type CoverageCounts,
  type CoveringPart,
  type LeaveOptions,
  type Missing,
} from "./coverage.ts";
