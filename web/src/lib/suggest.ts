// What may come next in a cohort filter, from the text before the caret. Pure: the box asks, this
// answers with words; the values of a column are fetched by the box when `wants` names one.

import { writeName, writeValue } from "./filter";
import type { FilterValue } from "./filter";

export interface SuggestColumn {
  readonly name: string;
  readonly type: string;
  readonly role: string;
}

export interface Suggestion {
  /** What is put in place of the unfinished word. */
  readonly insert: string;
  readonly label: string;
  readonly hint: string;
}

export interface Context {
  /** Where the unfinished word starts. */
  readonly start: number;
  readonly partial: string;
  readonly place: "name" | "operator" | "value" | "join";
  /** The column whose values are wanted at place `value`. */
  readonly column: string | null;
  /** Inside the parentheses of `in (…`. */
  readonly inList: boolean;
}

const WORD =
  /\s*(>=|<=|!=|=|<|>|\(|\)|,|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|["'`][^"'`]*$|[^\s()<>=!,"'`]+|!)/y;
const COMPARISONS = new Set(["=", "!=", "<", "<=", ">", ">="]);

interface Word {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

function words(text: string): Word[] {
  const found: Word[] = [];
  let at = 0;
  while (at < text.length) {
    WORD.lastIndex = at;
    const match = WORD.exec(text);
    const word = match?.[1];
    if (word === undefined) {
      break;
    }
    at = WORD.lastIndex;
    found.push({ text: word, start: at - word.length, end: at });
  }
  return found;
}

function bare(word: string): string {
  return word.replace(/^[`"']|[`"']$/g, "");
}

/** Where in the grammar the caret stands. */
export function contextAt(text: string, caret: number): Context {
  const before = text.slice(0, caret);
  const all = words(before);
  const last = all[all.length - 1];
  const open = last?.end === before.length && /[^\s(),=<>!]$/.test(last.text);
  const closedString =
    last !== undefined && /^(["'`]).*\1$/s.test(last.text) && last.text.length > 1;
  const unfinished = open && !closedString ? last : undefined;
  const done = unfinished === undefined ? all : all.slice(0, -1);
  const start = unfinished?.start ?? caret;
  const partial = unfinished === undefined ? "" : unfinished.text.replace(/^["'`]/, "");
  let place: Context["place"] = "name";
  let column: string | null = null;
  let inList = false;
  for (const { text: word } of done) {
    const lower = word.toLowerCase();
    if (inList) {
      if (word === ")") {
        inList = false;
        place = "join";
      } else {
        place = word === "," || word === "(" ? "value" : "join";
      }
      continue;
    }
    if (place === "name") {
      if (lower !== "not" && word !== "(") {
        column = bare(word);
        place = "operator";
      }
    } else if (place === "operator") {
      if (COMPARISONS.has(word)) {
        place = "value";
      } else if (word === "(") {
        inList = true;
        place = "value";
      } else if (lower === "null") {
        place = "join";
      }
    } else if (place === "value") {
      place = "join";
    } else if (lower === "and" || lower === "or") {
      place = "name";
      column = null;
    }
  }
  return { start, partial, place, column: place === "value" ? column : null, inList };
}

const LIMIT = 12;

/** Suggestions for `context`, best first. `values` are those of `context.column`. */
export function suggest(
  context: Context,
  columns: readonly SuggestColumn[],
  values: readonly { readonly value: FilterValue; readonly n: number }[],
): Suggestion[] {
  const wanted = context.partial.toLowerCase();
  const fits = (label: string): boolean => label.toLowerCase().includes(wanted);
  const startsFirst = (a: Suggestion, b: Suggestion): number =>
    Number(b.label.toLowerCase().startsWith(wanted)) -
    Number(a.label.toLowerCase().startsWith(wanted));
  const word = (label: string, hint: string): Suggestion => ({ insert: `${label} `, label, hint });
  switch (context.place) {
    case "name":
      return columns
        .filter((column) => fits(column.name))
        .map((column) => ({
          insert: `${writeName(column.name)} `,
          label: column.name,
          hint: `${column.role} · ${column.type}`,
        }))
        .sort(startsFirst)
        .slice(0, LIMIT);
    case "operator": {
      const all = [
        word("=", "is"),
        word("!=", "is not"),
        { insert: "in (", label: "in (…)", hint: "one of" },
        { insert: "not in (", label: "not in (…)", hint: "none of" },
        word(">", "more than"),
        word(">=", "at least"),
        word("<", "less than"),
        word("<=", "at most"),
        word("is null", "not sent"),
        word("is not null", "sent"),
      ];
      return all.filter((one) => fits(one.label));
    }
    case "value":
      return values
        .map(({ value, n }) => ({
          insert: context.inList ? writeValue(value) : `${writeValue(value)} `,
          label: String(value),
          hint: `${n.toLocaleString("en-US")} events`,
        }))
        .filter((one) => fits(one.label))
        .sort(startsFirst)
        .slice(0, LIMIT);
    case "join":
      return context.inList
        ? [
            { insert: ", ", label: ",", hint: "another value" },
            { insert: ") ", label: ")", hint: "end of the list" },
          ]
        : [word("and", "both"), word("or", "either")].filter((one) => fits(one.label));
  }
}
