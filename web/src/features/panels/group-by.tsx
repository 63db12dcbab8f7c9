import Button from "@mui/material/Button";
import ListItemText from "@mui/material/ListItemText";
import Menu from "@mui/material/Menu";
import MenuItem from "@mui/material/MenuItem";
import { useRef, useState } from "react";
import type { Column } from "../../api";
import { Icon } from "../../design";
import "./panels.css";

const MAX_DIMENSIONS = 3;
const MAX_DISTINCT = 60;

/** Columns worth splitting by: few values, or declared as text. */
export function groupable(columns: readonly Column[]): string[] {
  return columns
    .filter(
      (column) =>
        (column.distinct === null ? column.type !== "number" : column.distinct <= MAX_DISTINCT) &&
        column.name !== "latency_ms",
    )
    .map((column) => column.name);
}

export interface GroupByProps {
  /** What is done with the columns; "Group by" where nothing else is said. */
  readonly label?: string;
  /** What may be chosen from; all columns with few values where nothing else is said. */
  readonly roles?: readonly string[];
  readonly columns: readonly Column[];
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
}

export function GroupBy({ label = "Group by", roles, columns, value, onChange }: GroupByProps) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  const fitting = columns.filter((one) => roles === undefined || roles.includes(one.role));
  const options = [...new Set([...value, ...groupable(fitting)])];
  const toggle = (name: string): void =>
    onChange(value.includes(name) ? value.filter((one) => one !== name) : [...value, name]);
  return (
    <>
      <Button
        ref={anchor}
        aria-haspopup="menu"
        aria-expanded={open}
        className={value.length > 0 ? "active-control" : ""}
        onClick={() => setOpen(true)}
        endIcon={<Icon name="chevronDown" size={14} />}
      >
        <span className="control-label">{label}</span>
        {value.length === 0 ? "nothing" : value.join(", ")}
      </Button>
      <Menu
        open={open}
        onClose={() => setOpen(false)}
        anchorEl={() => anchor.current}
        slotProps={{ list: { dense: true, "aria-label": label } }}
      >
        {options.map((name) => {
          const on = value.includes(name);
          return (
            <MenuItem
              key={name}
              role="menuitemcheckbox"
              aria-checked={on}
              disabled={!on && value.length >= MAX_DIMENSIONS}
              onClick={() => toggle(name)}
            >
              <span className="menu-check">{on ? <Icon name="check" size={16} /> : null}</span>
              <ListItemText primary={name} />
            </MenuItem>
          );
        })}
        {value.length === 0 ? null : (
          <MenuItem
            onClick={() => {
              setOpen(false);
              onChange([]);
            }}
          >
            Nothing
          </MenuItem>
        )}
      </Menu>
    </>
  );
}
