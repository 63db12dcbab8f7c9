// The columns: filtered by verdict and name, sorted, a page of cards at a time.

import Button from "@mui/material/Button";
import { useState } from "react";
import { EmptyState, Icon, Pick } from "../../design";
import { useView } from "../../lib/view";
import { ColumnCard } from "./column-card";
import type { ReportContext } from "./column-charts";
import { VERDICTS, countOf, listed } from "./words";
import type { Verdict } from "./words";

const PAGE = 24;
const ORDERS = [
  { value: "", label: "drifted first" },
  { value: "psi", label: "largest shift" },
  { value: "name", label: "name" },
];

export interface ColumnListProps {
  readonly context: ReportContext;
  readonly onOpen: (column: string) => void;
}

export function ColumnList({ context, onOpen }: ColumnListProps) {
  const [view, setView] = useView();
  const [pages, setPages] = useState(1);
  const { report } = context;
  const { verdict, find, order } = view;
  const columns = listed(report.columns, { verdict, find, order });
  const shown = columns.slice(0, pages * PAGE);
  const left = columns.length - shown.length;
  const verdicts = Object.entries(VERDICTS) as [Verdict, (typeof VERDICTS)[Verdict]][];
  return (
    <section aria-label="Columns" className="drift-columns">
      <div className="controls" role="group" aria-label="Which columns">
        <Pick
          label="Show"
          value={verdict ?? ""}
          options={[
            { value: "", label: `all ${report.columns.length} columns` },
            ...verdicts.map(([value, { label }]) => ({
              value,
              label: `${label.toLowerCase()} (${countOf(report, value)})`,
            })),
          ]}
          onPick={(value) =>
            setView({ verdict: value === "" ? undefined : value }, { replace: true })
          }
        />
        <Pick
          label="Sort by"
          value={order ?? ""}
          options={ORDERS}
          onPick={(value) =>
            setView({ order: value === "" ? undefined : value }, { replace: true })
          }
        />
        <label className="drift-find filter-frame">
          <Icon name="search" size={15} />
          <input
            type="search"
            aria-label="Find a column"
            placeholder="Find a column"
            value={find ?? ""}
            onChange={({ target }) =>
              setView({ find: target.value === "" ? undefined : target.value }, { replace: true })
            }
          />
        </label>
      </div>
      <h2 className="visually-hidden">Columns</h2>
      {columns.length === 0 ? (
        <div className="card">
          <EmptyState
            icon="search"
            title="No column fits"
            action={
              <Button
                onClick={() => setView({ verdict: undefined, find: undefined }, { replace: true })}
              >
                Show all columns
              </Button>
            }
          >
            None of the {report.columns.length} columns has this verdict and this name.
          </EmptyState>
        </div>
      ) : (
        <ul className="drift-cards">
          {shown.map((column) => (
            <li key={column.column}>
              <ColumnCard column={column} context={context} onOpen={() => onOpen(column.column)} />
            </li>
          ))}
        </ul>
      )}
      {left === 0 ? null : (
        <Button onClick={() => setPages(pages + 1)}>Show more columns ({left} left)</Button>
      )}
    </section>
  );
}
