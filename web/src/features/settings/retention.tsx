import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { useMutation, useQuery, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { SyntheticEvent } from "react";
import { putRetention, retentionQuery, sessionQuery } from "../../api";
import type { Retention } from "../../api";
import { Notice } from "../../design";
import { usePageTitle } from "../../lib/page-title";

const GIB = 1024 ** 3;

export function RetentionPage() {
  usePageTitle("Retention");
  const { data: session } = useSuspenseQuery(sessionQuery());
  const retention = useQuery(retentionQuery(session.project.project_id));
  return (
    <>
      <div>
        <h1>Retention</h1>
        <p className="lead muted">
          How long the events of {session.project.name} are kept. It counts from the event&rsquo;s
          own time, and nothing is deleted within 24 hours of its arrival.
        </p>
      </div>
      {retention.isError ? <Notice tone="bad">{retention.error.message}</Notice> : null}
      {retention.data === undefined ? null : (
        <Form
          key={JSON.stringify(retention.data)}
          project={session.project.project_id}
          kept={retention.data}
        />
      )}
    </>
  );
}

/** Empty means no limit; anything else must be a number above zero. */
function readLimit(text: string): number | null | undefined {
  if (text.trim() === "") {
    return null;
  }
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

function Form({ project, kept }: { readonly project: string; readonly kept: Retention }) {
  const queries = useQueryClient();
  const [days, setDays] = useState(kept.days === null ? "" : String(kept.days));
  const [size, setSize] = useState(kept.bytes === null ? "" : String(kept.bytes / GIB));
  const wantedDays = readLimit(days);
  const wantedSize = readLimit(size);
  const saving = useMutation({
    mutationFn: (wanted: Retention) => putRetention(project, wanted),
    onSuccess: (saved) => queries.setQueryData(retentionQuery(project).queryKey, saved),
  });
  const bytes = typeof wantedSize === "number" ? Math.round(wantedSize * GIB) : wantedSize;
  const wholeDays =
    wantedDays === null || (wantedDays !== undefined && Number.isInteger(wantedDays));
  const ready = wholeDays && bytes !== undefined;
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (ready) {
      saving.mutate({ days: wantedDays, bytes });
    }
  };
  return (
    <form className="card card-pad form narrow" onSubmit={submit}>
      <TextField
        size="small"
        label="Days"
        error={!wholeDays}
        helperText={wholeDays ? "Empty: keep for ever" : "A whole number of days above zero"}
        value={days}
        onChange={(event) => setDays(event.target.value)}
        slotProps={{ htmlInput: { inputMode: "numeric" } }}
      />
      <TextField
        size="small"
        label="Size, GiB"
        error={bytes === undefined}
        helperText={
          bytes === undefined ? "A number above zero" : "Empty: no limit; else the oldest go first"
        }
        value={size}
        onChange={(event) => setSize(event.target.value)}
        slotProps={{ htmlInput: { inputMode: "decimal" } }}
      />
      {saving.isError ? <Notice tone="bad">{saving.error.message}</Notice> : null}
      {saving.isSuccess ? <Notice tone="info">Saved.</Notice> : null}
      <div>
        <Button
          type="submit"
          variant="contained"
          color="primary"
          disabled={!ready || saving.isPending}
        >
          Save
        </Button>
      </div>
    </form>
  );
}
