// Small parts that several features use.

import Button from "@mui/material/Button";
import IconButton from "@mui/material/IconButton";
import Tooltip from "@mui/material/Tooltip";
import { useState } from "react";
import type { ReactNode, SelectHTMLAttributes } from "react";
import { Icon } from "./icons";
import type { IconName } from "./icons";
import "./controls.css";

export interface IconActionProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly pressed?: boolean;
  readonly size?: number;
}

/** A button that shows an icon and says its name on hover, focus and to screen readers. */
export function IconAction({ icon, label, onClick, pressed, size = 17 }: IconActionProps) {
  return (
    <Tooltip title={label}>
      <IconButton
        aria-label={label}
        {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
        onClick={onClick}
        className={pressed === true ? "icon-action on" : "icon-action"}
      >
        <Icon name={icon} size={size} />
      </IconButton>
    </Tooltip>
  );
}

export interface PickProps extends Omit<SelectHTMLAttributes<HTMLSelectElement>, "onChange"> {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onPick: (value: string) => void;
}

/** A native select with its label inside the frame: familiar to every keyboard and phone. */
export function Pick({ label, value, options, onPick, ...rest }: PickProps) {
  return (
    <label className="pick">
      <span className="pick-label">{label}</span>
      <select {...rest} value={value} onChange={(event) => onPick(event.target.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <Icon name="chevronDown" size={14} />
    </label>
  );
}

export interface EmptyStateProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
  /** The command that fixes it, ready to copy. */
  readonly command?: string;
  readonly action?: ReactNode;
}

/** Says what is missing and what to do about it. */
export function EmptyState({ icon, title, children, command, action }: EmptyStateProps) {
  return (
    <div className="empty-state">
      <span className="empty-icon">
        <Icon name={icon} size={22} />
      </span>
      <p className="empty-title">{title}</p>
      {children === undefined ? null : <div className="empty-text">{children}</div>}
      {command === undefined ? null : <CodeBlock text={command} label="Command" />}
      {action}
    </div>
  );
}

export interface CodeBlockProps {
  readonly text: string;
  readonly label: string;
}

export function CodeBlock({ text, label }: CodeBlockProps) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <div className="code-block">
      <pre tabIndex={0} aria-label={label}>
        <code>{text}</code>
      </pre>
      <Button
        className="code-copy"
        onClick={() => void copy()}
        startIcon={<Icon name={copied ? "check" : "copy"} />}
        aria-label={`Copy: ${label}`}
      >
        <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
      </Button>
    </div>
  );
}

export type Tone = "ok" | "warn" | "bad" | "none";

const TONE_ICON: Record<Tone, IconName> = {
  ok: "check",
  warn: "warning",
  bad: "bad",
  none: "quiet",
};

/** A state with its colour, an icon and a word: never colour alone. */
export function StatusTag({
  tone,
  children,
}: {
  readonly tone: Tone;
  readonly children: ReactNode;
}) {
  return (
    <span className={`tag ${tone}`}>
      <Icon name={TONE_ICON[tone]} size={13} />
      {children}
    </span>
  );
}

export interface NoticeProps {
  readonly tone: "info" | "warn" | "bad";
  readonly children: ReactNode;
  readonly action?: ReactNode;
}

export function Notice({ tone, children, action }: NoticeProps) {
  const icon: IconName = tone === "info" ? "info" : tone === "warn" ? "warning" : "bad";
  return (
    <div className={`notice ${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <Icon name={icon} size={17} />
      <div className="notice-text">{children}</div>
      {action}
    </div>
  );
}
