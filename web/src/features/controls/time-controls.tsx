// The time picker, the shift and zoom buttons, the step, and the refresh.

import Button from "@mui/material/Button";
import Popover from "@mui/material/Popover";
import TextField from "@mui/material/TextField";
import { useEffect, useMemo, useRef, useState } from "react";
import type { SyntheticEvent } from "react";
import { Icon, IconAction, Pick } from "../../design";
import { advance, useNow } from "../../lib/clock";
import { useZone } from "../../lib/preferences";
import { useShortcuts } from "../../lib/shortcuts";
import type { Shortcut } from "../../lib/shortcuts";
import {
  QUICK_RANGES,
  STEPS,
  describeRange,
  formatInstant,
  parseTime,
  shiftRange,
  spanMs,
  zoomOut,
} from "../../lib/time";
import type { RangeText } from "../../lib/time";
import { refreshMs, useView } from "../../lib/view";
import type { ViewRange } from "../../lib/view";
import "./controls.css";

/** Moves the page's "now" on at the view's pace while the tab is seen. */
function useRefresh(everyMs: number | null): void {
  useEffect(() => {
    if (everyMs === null) {
      return undefined;
    }
    const tick = (): void => {
      if (document.visibilityState === "visible") {
        advance();
      }
    };
    const timer = setInterval(tick, everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}

export interface TimeControlsProps {
  readonly view: ViewRange;
  /** Offer the bucket size. */
  readonly withStep?: boolean;
  /** What the button says while the URL names no range. */
  readonly unset?: string;
}

export function TimeControls({ view, withStep = false, unset }: TimeControlsProps) {
  const [search, setView] = useView();
  const every = refreshMs(search.refresh, view);
  useRefresh(every);
  const { range } = view;

  const shortcuts = useMemo((): Shortcut[] => {
    const go = (text: RangeText): void => setView({ from: text.from, to: text.to });
    return [
      { keys: "t z", label: "Zoom out", group: "Time", run: () => go(zoomOut(range)) },
      {
        keys: "t left",
        label: "Earlier by half",
        group: "Time",
        run: () => go(shiftRange(range, -1)),
      },
      {
        keys: "t right",
        label: "Later by half",
        group: "Time",
        run: () => go(shiftRange(range, 1)),
      },
      { keys: "d r", label: "Refresh", group: "Time", run: () => advance() },
    ];
  }, [range, setView]);
  useShortcuts(shortcuts);

  const paused = search.refresh === "off";
  return (
    <div className="time-controls" role="group" aria-label="Time range">
      <div className="joined">
        <IconAction
          icon="chevronLeft"
          label="Earlier by half the range"
          onClick={() => setView({ ...shiftRange(range, -1) })}
        />
        <RangePicker view={view} {...(unset === undefined ? {} : { unset })} />
        <IconAction
          icon="chevronRight"
          label="Later by half the range"
          onClick={() => setView({ ...shiftRange(range, 1) })}
        />
        <IconAction
          icon="zoomOut"
          label="Zoom out"
          onClick={() => setView({ ...zoomOut(range) })}
        />
      </div>
      {withStep ? <StepPick view={view} /> : null}
      <div className="joined">
        <IconAction icon="refresh" label="Refresh now" onClick={() => advance()} />
        {view.relative ? (
          <IconAction
            icon={paused ? "play" : "pause"}
            label={paused ? "Resume live updates" : "Pause live updates"}
            pressed={paused}
            onClick={() => setView({ refresh: paused ? undefined : "off" }, { replace: true })}
          />
        ) : null}
        <LiveMark every={every} />
      </div>
    </div>
  );
}

function LiveMark({ every }: { readonly every: number | null }) {
  const now = useNow();
  const zone = useZone();
  const time = formatInstant(now, zone, "second").slice(11);
  return (
    <span
      className="live num"
      title={every === null ? "Not updating" : `Every ${Math.round(every / 1000)} s`}
    >
      <span className={every === null ? "live-dot off" : "live-dot"} aria-hidden="true" />
      {every === null ? "Paused" : "Live"} <span className="muted">{time}</span>
    </span>
  );
}

function StepPick({ view }: { readonly view: ViewRange }) {
  const [search, setView] = useView();
  const length = view.range.to - view.range.from;
  const fitting = STEPS.filter((step) => {
    const buckets = length / (spanMs(step) ?? length);
    return buckets <= 2000 && buckets >= 2;
  });
  const chosen = search.step !== undefined && view.step === search.step ? search.step : "";
  const all =
    chosen !== "" && !fitting.some((step) => step === chosen) ? [...fitting, chosen] : fitting;
  return (
    <Pick
      label="Step"
      value={chosen}
      options={[
        { value: "", label: chosen === "" ? `auto (${view.step})` : "auto" },
        ...all.map((step) => ({ value: step, label: step })),
      ]}
      onPick={(step) => setView({ step: step === "" ? undefined : step }, { replace: true })}
    />
  );
}

function RangePicker({ view, unset }: { readonly view: ViewRange; readonly unset?: string }) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  const [search, setView] = useView();
  const zone = useZone();
  const pick = (text: RangeText): void => {
    setOpen(false);
    advance();
    setView({ from: text.from, to: text.to });
  };
  return (
    <>
      <Button
        ref={anchor}
        className="range-button"
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => setOpen(true)}
        startIcon={<Icon name="clock" size={16} />}
        endIcon={<Icon name="chevronDown" size={14} />}
      >
        {unset !== undefined && search.from === undefined ? unset : describeRange(view.text, zone)}
      </Button>
      <Popover
        open={open}
        onClose={() => setOpen(false)}
        anchorEl={() => anchor.current}
        anchorOrigin={{ vertical: "bottom", horizontal: "left" }}
        slotProps={{ paper: { role: "dialog", "aria-label": "Choose a time range" } }}
      >
        <div className="range-pop">
          <RangeForm view={view} onApply={pick} />
          <div>
            <h2 className="range-title">Quick ranges</h2>
            <ul className="quick">
              {QUICK_RANGES.map((text) => {
                const on = text.from === view.text.from && text.to === view.text.to;
                return (
                  <li key={`${text.from}${text.to}`}>
                    <button type="button" aria-pressed={on} onClick={() => pick(text)}>
                      {describeRange(text, zone)}
                    </button>
                  </li>
                );
              })}
            </ul>
          </div>
        </div>
      </Popover>
    </>
  );
}

interface RangeFormProps {
  readonly view: ViewRange;
  readonly onApply: (text: RangeText) => void;
}

function RangeForm({ view, onApply }: RangeFormProps) {
  const zone = useZone();
  const now = useNow();
  const [from, setFrom] = useState(view.text.from);
  const [to, setTo] = useState(view.text.to);
  const fromAt = parseTime(from, now, zone, "from");
  const toAt = parseTime(to, now, zone, "to");
  const problem =
    fromAt === null || toAt === null
      ? "Not a time: try now-6h, now/d or 2026-03-01 12:00"
      : fromAt >= toAt
        ? "The start must be before the end"
        : null;
  const apply = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (problem === null) {
      onApply({ from: from.trim(), to: to.trim() });
    }
  };
  const hint = (at: number | null): string =>
    at === null ? " " : formatInstant(at, zone, "second");
  return (
    <form className="range-form" onSubmit={apply}>
      <h2 className="range-title">Absolute or relative</h2>
      <TextField
        size="small"
        label="From"
        value={from}
        autoFocus
        error={fromAt === null}
        helperText={hint(fromAt)}
        onChange={(event) => setFrom(event.target.value)}
      />
      <TextField
        size="small"
        label="To"
        value={to}
        error={toAt === null}
        helperText={hint(toAt)}
        onChange={(event) => setTo(event.target.value)}
      />
      <p className={problem === null ? "small muted" : "small range-problem"} role="status">
        {problem ?? `Times are shown in ${zone === "utc" ? "UTC" : "your time zone"}.`}
      </p>
      <Button type="submit" variant="contained" color="primary" disabled={problem !== null}>
        Apply
      </Button>
    </form>
  );
}
