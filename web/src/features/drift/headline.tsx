// The report in one sentence: what drifted, how far to trust it, what was compared.

import type { DriftReport } from "../../api";
import { Icon } from "../../design";
import Button from "@mui/material/Button";
import { download, toCsv } from "../../lib/csv";
import { useZone } from "../../lib/preferences";
import { formatInstant } from "../../lib/time";
import { Verdict } from "../panels";
import { alarmWords, countOf, headline, reportTable, sizes } from "./words";

export interface HeadlineProps {
  readonly report: DriftReport;
  readonly deployment: string;
}

export function Headline({ report, deployment }: HeadlineProps) {
  const zone = useZone();
  const { reference, now } = sizes(report);
  const instant = (edge: string): string => formatInstant(Date.parse(edge), zone, "minute");
  const { name, version, windows } = report.reference;
  const compared =
    windows.length === 0
      ? `${name ?? "reference"}${version === null ? "" : `, version ${version}`}`
      : windows.map(({ from, to }) => `${instant(from)} to ${instant(to)}`).join("; ");
  const drifted = countOf(report, "drifted") > 0;
  return (
    <Verdict
      tone={drifted ? "bad" : "ok"}
      title={headline(report)}
      actions={
        <Button
          onClick={() => download(`${deployment}-drift.csv`, toCsv(reportTable(report.columns)))}
          startIcon={<Icon name="download" size={16} />}
        >
          Report as CSV
        </Button>
      }
      facts={[
        [
          "Now",
          `${instant(report.from)} to ${instant(report.to)}, up to ${now.toLocaleString("en-US")} values per column`,
        ],
        ["Reference", `${compared}, up to ${reference.toLocaleString("en-US")} values per column`],
      ]}
    >
      <p className="muted small">{alarmWords(report.alpha)}</p>
    </Verdict>
  );
}
