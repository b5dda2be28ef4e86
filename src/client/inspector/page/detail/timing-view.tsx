import type { Row, Timing } from "../../page-contract.ts";
import { durationInWords, timeOfDay } from "../words/sizes.ts";

const words: Record<Timing["name"], string> = {
  held: "Held here",
  "to-local": "Request to the program",
  waiting: "Waiting for the answer",
  answer: "Answer",
  original: "The app",
  other: "The other answer",
};

/** Where the time went, a bar for each part. */
export function TimingView({ row, timings }: { readonly row: Row; readonly timings: readonly Timing[] }) {
  if (timings.length === 0) return <p class="detail-note quiet">No times are known of this request.</p>;
  const ends = timings.map(({ fromMs, untilMs }) => untilMs ?? fromMs);
  const whole = Math.max(...ends, row.durationMs ?? 0, 0.1);
  return (
    <div class="timing">
      <p class="detail-note">
        Came at {timeOfDay(row.at)}
        {row.durationMs === null ? ", is under way" : `, took ${durationInWords(row.durationMs)} in all`}
      </p>
      <table>
        <caption class="aside-only">Parts of the time</caption>
        <tbody>
          {timings.map(({ name, fromMs, untilMs }) => {
            const until = untilMs ?? whole;
            return (
              <tr key={name}>
                <th scope="row">{words[name]}</th>
                <td class="timing-bar">
                  <i
                    class={`span span-${name}${untilMs === null ? " open" : ""}`}
                    style={{
                      left: `${(fromMs / whole) * 100}%`,
                      width: `${((until - fromMs) / whole) * 100}%`,
                    }}
                  />
                </td>
                <td class="number">{untilMs === null ? "…" : durationInWords(until - fromMs)}</td>
              </tr>
            );
          })}
        </tbody>
        <tfoot>
          <tr>
            <th />
            <td class="timing-scale" aria-hidden="true">
              {[0, 0.25, 0.5, 0.75, 1].map((part) => (
                <span key={part}>{durationInWords(whole * part)}</span>
              ))}
            </td>
            <td />
          </tr>
        </tfoot>
      </table>
    </div>
  );
}
