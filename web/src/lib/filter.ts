// Cohort filters: chips on the page, an expression in the API's filter language.
//
// A chip is one test joined to the others by `and`. An expression that is more than that (or, not,
// parentheses) stays text: it is shown and edited as text, never rewritten.

export type FilterValue = string | number | boolean;

export interface Chip {
  readonly name: string;
  readonly op: "=" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in";
  readonly values: readonly FilterValue[];
}

const BARE = /^[A-Za-z_][A-Za-z0-9_.]*$/;
const RESERVED = new Set(["and", "or", "not", "in", "is", "null", "true", "false"]);

export function writeName(name: string): string {
  return BARE.test(name) && !RESERVED.has(name.toLowerCase()) ? name : `\`${name}\``;
}

export function writeValue(value: FilterValue): string {
  return typeof value === "string"
    ? `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`
    : String(value);
}

export function writeChip(chip: Chip): string {
  const name = writeName(chip.name);
  if (chip.op === "in" || chip.op === "not in") {
    return `${name} ${chip.op} (${chip.values.map(writeValue).join(", ")})`;
  }
  const value = chip.values[0];
  return value === undefined ? "" : `${name} ${chip.op} ${writeValue(value)}`;
}

export function writeChips(chips: readonly Chip[]): string {
  return chips
    .map(writeChip)
    .filter((one) => one !== "")
    .join(" and ");
}

const TOKEN =
  /\s*(?:(>=|<=|!=|=|<|>|\(|\)|,)|"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|`([^`]+)`|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])|([A-Za-z_][\w.]*))/y;

type Token =
  | { readonly kind: "op" | "name" | "word"; readonly text: string }
  | { readonly kind: "value"; readonly value: FilterValue };

function tokenize(text: string): Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  while (text.slice(at).trim() !== "") {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) {
      return null;
    }
    at = TOKEN.lastIndex;
    const [, op, double, single, quotedName, number, word] = match;
    const string = double ?? single;
    if (op !== undefined) {
      tokens.push({ kind: "op", text: op });
    } else if (string !== undefined) {
      tokens.push({ kind: "value", value: string.replace(/\\(.)/g, "$1") });
    } else if (quotedName !== undefined) {
      tokens.push({ kind: "name", text: quotedName });
    } else if (number !== undefined) {
      tokens.push({ kind: "value", value: Number(number) });
    } else if (word === "true" || word === "false") {
      tokens.push({ kind: "value", value: word === "true" });
    } else if (word !== undefined) {
      tokens.push({ kind: "word", text: word });
    }
  }
  return tokens;
}

/** The chips of `text`, or null when it is more than tests joined by `and`. */
export function readChips(text: string): Chip[] | null {
  const tokens = tokenize(text);
  if (tokens === null) {
    return null;
  }
  const chips: Chip[] = [];
  let at = 0;
  const opAt = (index: number, wanted: string): boolean => {
    const token = tokens[index];
    return token?.kind === "op" && token.text === wanted;
  };
  const wordAt = (index: number, wanted: string): boolean => {
    const token = tokens[index];
    return token?.kind === "word" && token.text.toLowerCase() === wanted;
  };
  while (at < tokens.length) {
    if (chips.length > 0) {
      if (!wordAt(at, "and")) {
        return null;
      }
      at += 1;
    }
    const name = tokens[at];
    if (name === undefined || (name.kind !== "word" && name.kind !== "name")) {
      return null;
    }
    if (name.kind === "word" && RESERVED.has(name.text.toLowerCase())) {
      return null;
    }
    at += 1;
    const negated = wordAt(at, "not");
    if (negated || wordAt(at, "in")) {
      at += negated ? 1 : 0;
      if (!wordAt(at, "in") || !opAt(at + 1, "(")) {
        return null;
      }
      at += 2;
      const values: FilterValue[] = [];
      for (;;) {
        const value = tokens[at];
        if (value?.kind !== "value") {
          return null;
        }
        values.push(value.value);
        at += 1;
        if (opAt(at, ")")) {
          break;
        }
        if (!opAt(at, ",")) {
          return null;
        }
        at += 1;
      }
      at += 1;
      chips.push({ name: name.text, op: negated ? "not in" : "in", values });
      continue;
    }
    const op = tokens[at];
    const value = tokens[at + 1];
    if (op?.kind !== "op" || value?.kind !== "value" || ["(", ")", ","].includes(op.text)) {
      return null;
    }
    chips.push({ name: name.text, op: op.text as Chip["op"], values: [value.value] });
    at += 2;
  }
  return chips;
}

export interface TypedColumn {
  readonly name: string;
  readonly type: string;
}

function typed(value: string, type: string | undefined): FilterValue {
  if (type === "number" && value.trim() !== "" && Number.isFinite(Number(value))) {
    return Number(value);
  }
  return type === "boolean" && (value === "true" || value === "false") ? value === "true" : value;
}

/** The events of one group: a test per key; a group without a value is those that lack it. */
export function cohortFilter(
  by: Readonly<Record<string, FilterValue | null>>,
  columns: readonly TypedColumn[],
): string {
  return Object.entries(by)
    .map(([name, value]) => {
      if (value === null) {
        return `${writeName(name)} is null`;
      }
      const type = columns.find((column) => column.name === name)?.type;
      const written = typeof value === "string" ? typed(value, type) : value;
      return `${writeName(name)} = ${writeValue(written)}`;
    })
    .join(" and ");
}

/** Both at once; one that is more than tests joined by `and` is put in parentheses. */
export function joinFilters(one: string | undefined, other: string): string {
  if (one === undefined || one.trim() === "") {
    return other;
  }
  return `${readChips(one) === null ? `(${one})` : one} and ${other}`;
}
