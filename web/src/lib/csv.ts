// Tables as CSV (RFC 4180). Numbers are written in full, as the API sent them, never rounded.

export type Cell = string | number | null;

export interface Column {
  readonly key: string;
  readonly label: string;
  /** Numbers align right and carry the exact value into CSV. */
  readonly numeric?: boolean;
  /** How a cell is shown on the page; the CSV never uses it. */
  readonly show?: (cell: Cell) => string;
}

export interface TableModel {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A text cell that a spreadsheet would run as a formula is defused with an apostrophe. */
function cellText(cell: Cell): string {
  if (cell === null) {
    return "";
  }
  if (typeof cell === "number") {
    return String(cell);
  }
  return quoted(/^[=+@\t]|^-[^0-9]/.test(cell) ? `'${cell}` : cell);
}

export function toCsv(table: TableModel): string {
  const lines = [table.columns.map((column) => quoted(column.key)).join(",")];
  for (const row of table.rows) {
    lines.push(row.map(cellText).join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** Hands `text` to the browser as a file. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(url);
}
