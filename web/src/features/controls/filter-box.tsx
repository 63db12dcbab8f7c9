// The cohort filter: an expression with suggestions of columns, operators and values.

import { useQuery } from "@tanstack/react-query";
import { useCallback, useId, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { valuesQuery } from "../../api";
import { Icon, IconAction } from "../../design";
import { useShortcuts } from "../../lib/shortcuts";
import { contextAt, suggest } from "../../lib/suggest";
import type { SuggestColumn, Suggestion } from "../../lib/suggest";
import "./controls.css";

const SYSTEM: readonly SuggestColumn[] = [
  { name: "score", type: "number", role: "system" },
  { name: "predicted_class", type: "string", role: "system" },
  { name: "label", type: "any", role: "system" },
  { name: "error_code", type: "string", role: "system" },
];

export interface FilterBoxProps {
  readonly deploymentId: string | null;
  readonly columns: readonly SuggestColumn[];
  readonly value: string;
  readonly onApply: (filter: string) => void;
  /** What the server says is wrong with the applied filter. */
  readonly error: string | null;
}

export function FilterBox(props: FilterBoxProps) {
  // A filter that came from elsewhere (the URL, a chip) starts the box afresh.
  return <Box key={props.value} {...props} />;
}

function Box({ deploymentId, columns, value, onApply, error }: FilterBoxProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [caret, setCaret] = useState(value.length);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);

  useShortcuts(
    useMemo(
      () => [
        {
          keys: "/",
          label: "Focus the filter",
          group: "Everywhere",
          run: () => input.current?.focus(),
        },
      ],
      [],
    ),
  );

  const known = useMemo(() => {
    const names = new Set(columns.map((column) => column.name));
    return [...columns, ...SYSTEM.filter((column) => !names.has(column.name))];
  }, [columns]);
  const context = useMemo(() => contextAt(text, caret), [text, caret]);
  const values = useQuery({
    ...valuesQuery(deploymentId ?? "", context.column),
    enabled: open && deploymentId !== null && context.column !== null,
  });
  const options = useMemo(
    () => (open ? suggest(context, known, values.data?.values ?? []) : []),
    [open, context, known, values.data],
  );
  const shown = active < options.length ? active : -1;

  // The caret follows a taken suggestion within the same render: a frame later, a fast hand has
  // already typed on, and its next letters would land before the ones just typed.
  const taken = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (taken.current !== null) {
      input.current?.setSelectionRange(taken.current, taken.current);
      taken.current = null;
    }
  }, [text]);

  const take = useCallback(
    (option: Suggestion) => {
      const before = text
        .slice(0, context.start)
        .replace(/([^\s(])$/, option.insert === ", " ? "$1" : "$1 ");
      const next = `${before}${option.insert}`;
      const after = text.slice(caret).trimStart();
      taken.current = next.length;
      setText(next + after);
      setCaret(next.length);
      setActive(-1);
    },
    [text, context.start, caret],
  );
  const apply = (): void => {
    setOpen(false);
    onApply(text.trim());
  };
  const onKey = (event: KeyboardEvent<HTMLInputElement>): void => {
    const chosen = options[shown];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const move = event.key === "ArrowDown" ? 1 : -1;
      const count = options.length;
      setActive(
        count === 0 ? -1 : (shown + move + count + (shown < 0 && move < 0 ? 1 : 0)) % count,
      );
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (open && chosen !== undefined) {
        take(chosen);
      } else {
        apply();
      }
    } else if (event.key === "Tab" && open && chosen !== undefined && !event.shiftKey) {
      event.preventDefault();
      take(chosen);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (open) {
        setOpen(false);
      } else {
        setText(value);
        input.current?.blur();
      }
    }
  };
  const dirty = text.trim() !== value;
  const listId = `${id}list`;
  return (
    <div className="filter">
      <div className={error === null ? "filter-frame" : "filter-frame invalid"}>
        <Icon name="filter" size={15} />
        <input
          ref={input}
          className="mono"
          type="text"
          role="combobox"
          aria-label="Cohort filter"
          aria-expanded={open && options.length > 0}
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={shown < 0 ? undefined : `${listId}${shown}`}
          aria-invalid={error !== null}
          aria-describedby={`${id}error`}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          placeholder='Filter a cohort, such as age > 60 and region in ("NA", "EU")'
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setCaret(event.target.selectionStart ?? event.target.value.length);
            setOpen(true);
            setActive(-1);
          }}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={onKey}
        />
        {dirty ? (
          <button type="button" className="filter-apply" onClick={apply}>
            Apply <kbd>Enter</kbd>
          </button>
        ) : null}
        {text === "" ? null : (
          <IconAction icon="close" label="Clear the filter" size={15} onClick={() => onApply("")} />
        )}
      </div>
      <div
        id={listId}
        role="listbox"
        aria-label="Suggestions"
        className="filter-list"
        hidden={!open || options.length === 0}
      >
        {options.map((option, index) => (
          // The input keeps the focus and the keyboard; the pointer only picks.
          <div
            key={option.insert}
            id={`${listId}${index}`}
            role="option"
            aria-selected={index === shown}
            onPointerDown={(event) => {
              event.preventDefault();
              take(option);
            }}
          >
            <span className="mono">{option.label}</span>
            <span className="muted small">{option.hint}</span>
          </div>
        ))}
      </div>
      <p id={`${id}error`} className="filter-error" role="alert">
        {error}
      </p>
    </div>
  );
}
