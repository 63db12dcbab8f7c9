// Chooses what the window is compared with, and makes references that stay.

import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import TextField from "@mui/material/TextField";
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { SyntheticEvent } from "react";
import { freezeReference, referencesQuery, sessionQuery } from "../../api";
import type { Selection } from "../../api";
import { Icon, Notice, Pick } from "../../design";
import { useNow } from "../../lib/clock";
import { useZone } from "../../lib/preferences";
import { formatInstant, parseTime, toRfc3339 } from "../../lib/time";
import { referenceChoices } from "../controls";

const FIXED_WINDOW = "fixed-window";
const NAME = /^[A-Za-z0-9._-]{1,64}$/;

export interface ReferenceControlsProps {
  readonly selection: Selection;
  readonly reference: string;
  readonly onPick: (reference: string) => void;
}

export function ReferenceControls({ selection, reference, onPick }: ReferenceControlsProps) {
  const { data: session } = useSuspenseQuery(sessionQuery());
  const zone = useZone();
  const stored = useQuery(referencesQuery(selection.deployment_id));
  const [open, setOpen] = useState<"window" | "freeze" | null>(null);
  const close = (): void => setOpen(null);
  const pick = (value: string): void => {
    close();
    onPick(value);
  };
  return (
    <>
      <Pick
        label="Compare with"
        value={reference}
        options={[
          ...referenceChoices(reference, stored.data ?? [], zone),
          { value: FIXED_WINDOW, label: "a fixed window…" },
        ]}
        onPick={(value) => (value === FIXED_WINDOW ? setOpen("window") : pick(value))}
      />
      {session.scopes.includes("admin") ? (
        <Button onClick={() => setOpen("freeze")} startIcon={<Icon name="plus" size={16} />}>
          Freeze this window
        </Button>
      ) : null}
      {open === "window" ? <WindowForm onClose={close} onApply={pick} /> : null}
      {open === "freeze" ? (
        <FreezeForm selection={selection} onClose={close} onMade={pick} />
      ) : null}
    </>
  );
}

interface WindowFormProps {
  readonly onClose: () => void;
  readonly onApply: (reference: string) => void;
}

function WindowForm({ onClose, onApply }: WindowFormProps) {
  const zone = useZone();
  const now = useNow();
  const [from, setFrom] = useState("now-30d");
  const [to, setTo] = useState("now-7d");
  const fromAt = parseTime(from, now, zone, "from");
  const toAt = parseTime(to, now, zone, "to");
  const valid = fromAt !== null && toAt !== null && fromAt < toAt;
  const hint = (at: number | null): string =>
    at === null ? "Not a time: try now-6h or 2026-03-01 12:00" : formatInstant(at, zone, "second");
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (valid) {
      onApply(`${toRfc3339(Math.round(fromAt))}/${toRfc3339(Math.round(toAt))}`);
    }
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="window-title">
      <form onSubmit={submit}>
        <DialogTitle id="window-title">Compare with a fixed window</DialogTitle>
        <DialogContent className="declare">
          <p className="muted small">The reference stays at these two instants.</p>
          <TextField
            size="small"
            label="Start"
            value={from}
            error={fromAt === null}
            helperText={hint(fromAt)}
            onChange={(event) => setFrom(event.target.value)}
          />
          <TextField
            size="small"
            label="End"
            value={to}
            error={!valid}
            helperText={
              fromAt !== null && toAt !== null && !valid
                ? "The start must be before the end"
                : hint(toAt)
            }
            onChange={(event) => setTo(event.target.value)}
          />
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="contained" color="primary" disabled={!valid}>
            Compare
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

interface FreezeFormProps {
  readonly selection: Selection;
  readonly onClose: () => void;
  readonly onMade: (reference: string) => void;
}

function FreezeForm({ selection, onClose, onMade }: FreezeFormProps) {
  const zone = useZone();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const { deployment_id: id, from, to, filter, model_version: version } = selection;
  const making = useMutation({
    mutationFn: () =>
      freezeReference(id, {
        name,
        from,
        to,
        ...(filter === undefined ? {} : { filter }),
        ...(version === undefined ? {} : { model_version: version }),
      }),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["references", id] });
      onMade(made.name);
    },
  });
  const valid = NAME.test(name);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    making.mutate();
  };
  const instant = (edge: string): string => formatInstant(Date.parse(edge), zone, "minute");
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="freeze-title">
      <form onSubmit={submit}>
        <DialogTitle id="freeze-title">Freeze this window as a reference</DialogTitle>
        <DialogContent className="declare">
          <p className="muted small">
            Every column from {instant(from)} to {instant(to)}
            {version === undefined ? "" : `, version ${version}`}
            {filter === undefined ? "" : `, where ${filter}`} is kept as it is now, even when the
            events are deleted later. A name that there is gets its next version.
          </p>
          <TextField
            size="small"
            label="Name"
            value={name}
            error={name !== "" && !valid}
            helperText="Letters, digits, dots, dashes and underscores; 64 at most"
            onChange={(event) => setName(event.target.value)}
          />
          {making.isError ? <Notice tone="bad">{making.error.message}</Notice> : null}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="contained"
            color="primary"
            disabled={!valid || making.isPending}
          >
            Freeze
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
