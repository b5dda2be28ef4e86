import { useMemo } from "preact/hooks";
import type { AnswerPart, BodySide, RequestDetail, Row } from "../../page-contract.ts";
import { looksLikeText } from "../body/body-form.ts";
import { prettyJson, readJson } from "../body/json-node.ts";
import { useModel } from "../model-context.ts";
import type { PageModel } from "../page-model.ts";
import { Harmless } from "../words/harmless.tsx";
import { counted, sizeInWords } from "../words/sizes.ts";
import { type DifferenceLine, lineDifferences } from "./line-differences.ts";
import { useLoaded } from "./use-loaded.ts";

/** Equal lines around what differs; more of them are folded away. */
const AROUND = 3;
const MOST_COMPARED_BYTES = 2_000_000;

interface Side {
  readonly title: string;
  readonly answer: AnswerPart | null;
  readonly bytes: Uint8Array;
}

/** Two answers side by side: of the app and the program, of a replay and its origin, or of two requests of choice. */
export function CompareView({ row, detail }: { readonly row: Row; readonly detail: RequestDetail }) {
  const model = useModel();
  const pinned = model.pinned.value;
  const other =
    pinned !== undefined && pinned !== row.id ? pinned : detail.otherAnswer === null ? detail.from : null;
  const { value, error } = useLoaded((signal) => bothSides(model, { row, detail, other, signal }), {
    subject: `${row.id} ${other}`,
    version: row,
  });
  if (error !== undefined)
    return (
      <p class="detail-note warn">
        {error.status === 404
          ? `Request ${other}, which this one is compared with, is forgotten.`
          : error.message}
      </p>
    );
  if (value === undefined) return <p class="detail-note quiet">Reading…</p>;
  const [left, right] = value;
  if (left.answer === null || right.answer === null)
    return (
      <p class="detail-note quiet">
        {(left.answer === null ? left : right).title} has no answer that could be compared.
      </p>
    );
  return (
    <div class="compare">
      {other === null && detail.differences !== null && (
        <Differences differences={detail.differences} titles={[left.title, right.title]} />
      )}
      <Sides left={left} right={right} />
    </div>
  );
}

async function bothSides(
  model: PageModel,
  {
    row,
    detail,
    other,
    signal,
  }: { row: Row; detail: RequestDetail; other: number | null; signal: AbortSignal },
): Promise<readonly [Side, Side]> {
  const here = await side(model, {
    title: titleOf(row),
    answer: detail.answer,
    id: row.id,
    of: "answer",
    signal,
  });
  if (other !== null) {
    const theirs = await model.api.detail(other, signal);
    const there = {
      title: titleOf(theirs.row),
      answer: theirs.answer,
      id: other,
      of: "answer",
      signal,
    } as const;
    return [await side(model, there), here];
  }
  const title = detail.otherAnsweredBy ?? "the other answer";
  return [
    { ...here, title: row.answeredBy },
    await side(model, { title, answer: detail.otherAnswer, id: row.id, of: "other-answer", signal }),
  ];
}

const titleOf = (row: Row): string => `request ${row.id}, answered by ${row.answeredBy}`;

async function side(
  model: PageModel,
  asked: { title: string; answer: AnswerPart | null; id: number; of: BodySide; signal: AbortSignal },
): Promise<Side> {
  const { title, answer, id, of, signal } = asked;
  const has = answer !== null && answer.body.keptBytes > 0;
  return { title, answer, bytes: has ? await model.api.body(id, of, signal) : new Uint8Array() };
}

interface DifferencesProps {
  readonly differences: NonNullable<RequestDetail["differences"]>;
  readonly titles: readonly [answer: string, other: string];
}

function Differences({ differences, titles }: DifferencesProps) {
  if (differences.length === 0) return <p class="compare-verdict same">Both answers say the same.</p>;
  return (
    <>
      <p class="compare-verdict differs">{counted(differences.length, "difference")}</p>
      <table class="differences">
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">{titles[0]}</th>
            <th scope="col">{titles[1]}</th>
          </tr>
        </thead>
        <tbody>
          {differences.map(({ place, answer, other }, index) => (
            <tr key={index}>
              <th scope="row">
                <Harmless text={place} most={120} />
              </th>
              <td class="left">
                <Harmless text={answer} most={300} />
              </td>
              <td class="right">
                <Harmless text={other} most={300} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Sides({ left, right }: { left: Side; right: Side }) {
  const heads = useMemo(() => lineDifferences(headLines(left), headLines(right)), [left, right]);
  const bodies = useMemo(() => bodyDifferences(left, right), [left, right]);
  return (
    <table class="sides">
      <colgroup>
        <col />
        <col />
      </colgroup>
      <thead>
        <tr>
          <th scope="col">{left.title}</th>
          <th scope="col">{right.title}</th>
        </tr>
      </thead>
      <tbody>{heads !== undefined && folded(heads)}</tbody>
      <tbody>
        <tr class="sides-part">
          <td>{bodyTitle(left)}</td>
          <td>{bodyTitle(right)}</td>
        </tr>
        {typeof bodies === "string" ? (
          <tr>
            <td colSpan={2} class="quiet">
              {bodies}
            </td>
          </tr>
        ) : (
          folded(bodies)
        )}
      </tbody>
    </table>
  );
}

const bodyTitle = ({ answer }: Side): string =>
  answer === null || answer.body.bytes === 0
    ? "no body"
    : `${sizeInWords(answer.body.bytes)} ${answer.body.type}`;

/** Lines of the table; runs of equal lines are told by their number. */
function folded(lines: readonly DifferenceLine[]) {
  const isNear = (place: number): boolean => {
    for (let near = place - AROUND; near <= place + AROUND; near++) {
      const line = lines[near];
      if (line !== undefined && line.left !== line.right) return true;
    }
    return false;
  };
  const shown = [];
  for (let place = 0; place < lines.length; place++) {
    const line = lines[place] as DifferenceLine;
    if (lines.length > 40 && !isNear(place)) {
      let end = place;
      while (end + 1 < lines.length && !isNear(end + 1)) end++;
      shown.push(
        <tr key={place} class="sides-fold">
          <td colSpan={2}>{counted(end - place + 1, "equal line")}</td>
        </tr>,
      );
      place = end;
      continue;
    }
    const differs = line.left !== line.right;
    shown.push(
      <tr key={place} class={differs ? "differs" : undefined}>
        <td class="left">{line.left !== undefined && <Harmless text={line.left} most={500} />}</td>
        <td class="right">{line.right !== undefined && <Harmless text={line.right} most={500} />}</td>
      </tr>,
    );
  }
  return shown;
}

/** Status and fields, these by their names, since their order means nothing. */
function headLines({ answer }: Side): string[] {
  if (answer === null) return [];
  const lines = answer.headers.map(([name, value]) => `${name.toLowerCase()}: ${value}`).toSorted();
  return [`${answer.status} ${answer.statusText}`.trim(), ...lines];
}

function bodyDifferences(left: Side, right: Side): DifferenceLine[] | string {
  if (left.bytes.length > MOST_COMPARED_BYTES || right.bytes.length > MOST_COMPARED_BYTES)
    return `Bodies above ${sizeInWords(MOST_COMPARED_BYTES)} are not compared here.`;
  if (!looksLikeText(left.bytes) || !looksLikeText(right.bytes))
    return isSame(left.bytes, right.bytes) ? "The bytes are the same." : "The bytes differ.";
  const differences = lineDifferences(bodyLines(left.bytes), bodyLines(right.bytes));
  return differences ?? "Bodies of so many lines are not compared here.";
}

/** JSON in its pretty form, without commas, so that only what it says is compared. */
function bodyLines(bytes: Uint8Array): string[] {
  const text = new TextDecoder().decode(bytes);
  if (text === "") return [];
  const read = /^\s*[{[]/.test(text) ? readJson(text) : undefined;
  if (read === undefined || !("node" in read)) return text.split("\n");
  return prettyJson(read.node)
    .split("\n")
    .map((line) => line.replace(/,$/, ""));
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && left.every((byte, index) => byte === right[index]);
}
