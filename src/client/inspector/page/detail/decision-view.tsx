import type { AskedFilterView, ClauseView, RequestDetail, Row } from "../../page-contract.ts";
import { Icon } from "../marks/icon.tsx";
import { Harmless } from "../words/harmless.tsx";
import { counted } from "../words/sizes.ts";

/** Why a request went where it went: every filter that was asked, clause by clause. */
export function DecisionView({
  row,
  decision,
}: {
  readonly row: Row;
  readonly decision: RequestDetail["decision"];
}) {
  if (decision === null)
    return (
      <p class="detail-note quiet">
        {row.source === "live"
          ? "Nothing is known of a decision."
          : "Nobody decided: it was sent from this page."}
      </p>
    );
  return (
    <div class="decision">
      <p class="decision-reason">
        <Harmless text={decision.reason} />
      </p>
      {decision.asked.map((asked, index) => (
        <AskedFilter key={index} asked={asked} />
      ))}
      {decision.unexplained > 0 && (
        <p class="detail-note quiet">
          {counted(decision.unexplained, "other filter")} of others cannot be seen from here.
        </p>
      )}
      {decision.mirrors.length > 0 && (
        <>
          <h3>Mirrors</h3>
          <ul class="mirrors">
            {decision.mirrors.map(({ name, outcome }, index) => (
              <li key={index}>
                <b>{name}</b> <Harmless text={outcome} />
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}

function AskedFilter({ asked }: { asked: AskedFilterView }) {
  return (
    <section class={`asked ${asked.matches ? "yes" : "no"}`}>
      <h3>
        <Verdict result={asked.matches} /> {asked.session}
        <span class="quiet"> {asked.matches ? "takes it" : "leaves it"}</span>
      </h3>
      {asked.filter !== null && asked.filter !== asked.clauses?.clause && (
        <p class="asked-filter">
          <code>
            <Harmless text={asked.filter} />
          </code>
        </p>
      )}
      {asked.clauses === null ? (
        <p class="clause-because">
          <Harmless text={asked.because} />
        </p>
      ) : (
        <ul class="clauses">
          <Clause clause={asked.clauses} />
        </ul>
      )}
    </section>
  );
}

function Clause({ clause }: { clause: ClauseView }) {
  return (
    <li class={clause.result ? "yes" : "no"}>
      <Verdict result={clause.result} />
      <code>
        <Harmless text={clause.clause} />
      </code>
      <span class="clause-because">
        <Harmless text={clause.because} />
      </span>
      {clause.parts.length > 0 && (
        <ul>
          {clause.parts.map((part, index) => (
            <Clause key={index} clause={part} />
          ))}
        </ul>
      )}
    </li>
  );
}

function Verdict({ result }: { result: boolean }) {
  return (
    <span
      class={`verdict ${result ? "yes" : "no"}`}
      role="img"
      aria-label={result ? "holds" : "does not hold"}
    >
      <Icon name={result ? "yes" : "no"} />
    </span>
  );
}
