// Why the metric moved: which cohorts account for its difference from what came before.

import Button from "@mui/material/Button";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { explainQuery } from "../../api";
import type { Explanation, MetricsParams } from "../../api";
import { Icon, Notice } from "../../design";
import { formatPercent } from "../../lib/numbers";
import { joinFilters } from "../../lib/filter";
import { useView } from "../../lib/view";
import { IntervalPanel, Verdict } from "../panels";
import type { Told } from "./words";
import { changeSentence, signed, whyModel } from "./why-words";

export interface WhyProps {
  /** The question of the page, over the range that is explained. */
  readonly question: MetricsParams;
  readonly told: Told;
  /** What the page compares with; the time before where it does not. */
  readonly compare: string | undefined;
  readonly compareName: string | null;
}

export function Why({ question, told, compare, compareName }: WhyProps) {
  const [view, setView] = useView();
  const { deployment_id, from, to, filter, model_version, threshold } = question;
  const found = useQuery({
    ...explainQuery({
      deployment_id,
      from,
      to,
      filter,
      model_version,
      threshold,
      metric: told.known.name,
      ...(compare === undefined ? { reference: "previous" } : { compare }),
    }),
    enabled: view.why === "yes",
  });
  if (!told.known.explainable) {
    return null;
  }
  if (view.why !== "yes") {
    return (
      <div className="row wrap">
        <Button
          onClick={() => setView({ why: "yes" })}
          startIcon={<Icon name="search" size={16} />}
        >
          Why did it move?
        </Button>
      </div>
    );
  }
  if (found.isError) {
    return <Notice tone="bad">{found.error.message}</Notice>;
  }
  if (found.data === undefined) {
    return (
      <div
        className="skeleton"
        style={{ height: 200 }}
        role="status"
        aria-label="Looking for cohorts"
      />
    );
  }
  return (
    <Answered
      explanation={found.data}
      told={told}
      against={compareName ?? "the same length of time before"}
      stem={deployment_id}
    />
  );
}

interface AnsweredProps {
  readonly explanation: Explanation;
  readonly told: Told;
  readonly against: string;
  readonly stem: string;
}

function Answered({ explanation, told, against, stem }: AnsweredProps) {
  const [view, setView] = useView();
  const model = useMemo(() => whyModel(explanation, told), [explanation, told]);
  const { change, ci, rate, mix, skipped, share_of_rows_read: read, cohorts } = explanation;
  const { format } = told;
  const interval = ci === null ? "" : ` (${signed(ci[0], format)} to ${signed(ci[1], format)})`;
  const open = (row: number): void => {
    const cohort = cohorts[row];
    if (cohort !== undefined) {
      setView({ filter: joinFilters(view.filter, cohort.filter), why: undefined });
    }
  };
  return (
    <>
      <Verdict
        tone={cohorts.length > 0 ? "warn" : "none"}
        title={changeSentence(explanation, told)}
        actions={
          <Button
            onClick={() => setView({ why: undefined })}
            startIcon={<Icon name="close" size={16} />}
          >
            Close
          </Button>
        }
        facts={[
          ["Against", against],
          ["Change", `${signed(change, format)}${interval}`],
          [
            "Made of",
            `${signed(rate, format)} by values within cohorts, ${signed(mix, format)} by their sizes`,
          ],
          ...(skipped.length === 0
            ? []
            : [
                [
                  "Not looked at",
                  skipped.map(({ column, reason }) => `${column} (${reason})`).join(", "),
                ] as const,
              ]),
          ...(read < 1 ? [["Read", `a sample of ${formatPercent(read)}`] as const] : []),
        ]}
      />
      {change === null ? null : (
        <IntervalPanel
          model={model}
          stem={stem}
          stale={false}
          onOpen={open}
          openHint="this cohort alone"
        />
      )}
    </>
  );
}
