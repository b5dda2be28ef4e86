import { Mark } from "../marks/what-mark.tsx";
import { Dialog } from "./dialog.tsx";

const keys: readonly (readonly [keys: readonly string[], what: string])[] = [
  [["/"], "filter of the list"],
  [["↓", "j"], "next request"],
  [["↑", "k"], "request before"],
  [["PgDn", "PgUp"], "a page on, or back"],
  [["Home", "End"], "oldest, newest (and follow)"],
  [["Enter"], "into the details"],
  [["←", "→"], "other tab of the details; on the divider: its place"],
  [["Esc"], "close the details, empty the filter, close a dialog"],
  [["?"], "these keys"],
];

/** What the keyboard does. */
export function KeysDialog() {
  return (
    <Dialog title="Keys">
      <dl class="keys">
        {keys.map(([names, what]) => (
          <div key={what}>
            <dt>
              {names.map((name) => (
                <kbd key={name}>{name}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <h3>Marks</h3>
      <ul class="marks">
        <li>
          <Mark what="stolen" /> stolen: it was answered here
        </li>
        <li>
          <Mark what="mirrored" /> mirrored: a copy came here
        </li>
        <li>
          <Mark what="passed" /> passed: the app answered
        </li>
        <li>
          <Mark what="held" /> held: it waits here
        </li>
      </ul>
      <h3>Filter</h3>
      <p class="hint">
        Words are searched for in all that the list shows. Signs such as <code>==</code> make it a filter:{" "}
        <code>path ^= "/api" &amp;&amp; header(x-user) == "ann"</code>
      </p>
    </Dialog>
  );
}
