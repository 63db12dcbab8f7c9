// The table twin of a chart. Long tables show their first rows; the CSV always has all of them.

import type { TableModel } from "../lib/csv";

const ROWS = 500;

export interface DataTableProps {
  readonly table: TableModel;
  readonly label: string;
  readonly maxHeight: number;
}

export function DataTable({ table, label, maxHeight }: DataTableProps) {
  const shown = table.rows.slice(0, ROWS);
  return (
    <div className="table-box" style={{ maxHeight }} tabIndex={0} role="region" aria-label={label}>
      <table className="data-table compact">
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column.key} scope="col" className={column.numeric === true ? "right" : ""}>
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr key={index}>
              {table.columns.map((column, at) => {
                const cell = row[at] ?? null;
                const text = column.show === undefined ? (cell ?? "–") : column.show(cell);
                return (
                  <td key={column.key} className={column.numeric === true ? "right" : ""}>
                    {text}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
      {table.rows.length > shown.length ? (
        <p className="muted small table-more">
          {table.rows.length - shown.length} more rows are in the CSV.
        </p>
      ) : null}
    </div>
  );
}
