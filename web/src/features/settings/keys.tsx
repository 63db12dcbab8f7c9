// API keys: made here, shown once, revoked here.

import Button from "@mui/material/Button";
import Checkbox from "@mui/material/Checkbox";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import FormControlLabel from "@mui/material/FormControlLabel";
import TextField from "@mui/material/TextField";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SyntheticEvent } from "react";
import { ApiError, createKey, keysQuery, revokeKey } from "../../api";
import type { ApiKey, NewApiKey } from "../../api";
import { CodeBlock, EmptyState, Icon, Notice, StatusTag } from "../../design";
import { useZone } from "../../lib/preferences";
import { usePageTitle } from "../../lib/page-title";
import { formatAgo, formatInstant } from "../../lib/time";

const SCOPES = [
  { scope: "ingest:write", what: "send events and labels" },
  { scope: "metrics:read", what: "read metrics, events and dashboards" },
  { scope: "admin", what: "everything, keys and retention included" },
] as const;

export function KeysPage() {
  usePageTitle("API keys");
  const keys = useQuery(keysQuery());
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const list = [...(keys.data ?? [])].sort(
    (a, b) => Number(a.revoked) - Number(b.revoked) || (b.created_at ?? 0) - (a.created_at ?? 0),
  );
  const forbidden = keys.error instanceof ApiError && keys.error.status === 403;
  return (
    <>
      <div className="page-head">
        <div>
          <h1>API keys</h1>
          <p className="lead">A key belongs to this project and does only what its scopes say.</p>
        </div>
        <div className="spacer" />
        {forbidden ? null : (
          <Button
            variant="contained"
            color="primary"
            startIcon={<Icon name="plus" />}
            onClick={() => setMaking(true)}
          >
            New key
          </Button>
        )}
      </div>
      {keys.isError ? (
        <Notice tone={forbidden ? "warn" : "bad"}>
          {forbidden
            ? "Keys are seen by admins only. Ask one, or sign in with an admin key."
            : keys.error.message}
        </Notice>
      ) : null}
      {keys.isSuccess && list.length === 0 ? (
        <div className="card">
          <EmptyState
            icon="key"
            title="No key yet"
            command="aiml042 keys create --name my-app --scope ingest:write"
          >
            Make one here, or on the server:
          </EmptyState>
        </div>
      ) : null}
      {list.length === 0 ? null : (
        <KeyTable keys={list} readAt={keys.dataUpdatedAt} onRevoke={setRevoking} />
      )}
      {making ? <NewKey onClose={() => setMaking(false)} /> : null}
      {revoking === null ? null : <Revoke apiKey={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}

interface KeyTableProps {
  readonly keys: readonly ApiKey[];
  readonly readAt: number;
  readonly onRevoke: (key: ApiKey) => void;
}

function KeyTable({ keys, readAt, onRevoke }: KeyTableProps) {
  const zone = useZone();
  const day = (at: number | null): string => (at === null ? "–" : formatInstant(at, zone, "day"));
  return (
    <div className="card scroll-x" tabIndex={0} role="region" aria-label="API keys">
      <table className="data-table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Key</th>
            <th scope="col">Scopes</th>
            <th scope="col">Created</th>
            <th scope="col">Last used</th>
            <th scope="col">Expires</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => {
            const expired = key.expires_at !== null && key.expires_at < readAt;
            return (
              <tr key={key.key_id}>
                <td>
                  <strong>{key.name}</strong>
                </td>
                <td className="mono">{key.prefix}…</td>
                <td>
                  <span className="row wrap">
                    {key.scopes.map((scope) => (
                      <span key={scope} className="tag">
                        {scope}
                      </span>
                    ))}
                  </span>
                </td>
                <td className="num">{day(key.created_at)}</td>
                <td className="num">
                  {key.last_used_at === null ? "never" : formatAgo(key.last_used_at, readAt)}
                </td>
                <td className="num">{key.expires_at === null ? "never" : day(key.expires_at)}</td>
                <td className="right">
                  {key.revoked || expired ? (
                    <StatusTag tone="none">{key.revoked ? "revoked" : "expired"}</StatusTag>
                  ) : (
                    <Button onClick={() => onRevoke(key)} aria-label={`Revoke ${key.name}`}>
                      Revoke
                    </Button>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function NewKey({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly string[]>(["ingest:write"]);
  const [expires, setExpires] = useState("");
  const making = useMutation({
    mutationFn: createKey,
    onSuccess: () => queries.invalidateQueries({ queryKey: ["keys"] }),
  });
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    making.mutate({
      name: name.trim(),
      scopes,
      ...(expires === "" ? {} : { expires_at: `${expires}T23:59:59Z` }),
    });
  };
  if (making.data !== undefined) {
    return <Secret made={making.data} onClose={onClose} />;
  }
  const ready = name.trim() !== "" && scopes.length > 0;
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="new-key">
      <form onSubmit={submit}>
        <DialogTitle id="new-key">New API key</DialogTitle>
        <DialogContent className="form">
          <TextField
            autoFocus
            size="small"
            label="Name"
            helperText="Who or what will use it"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
          <fieldset>
            <legend>Scopes</legend>
            {SCOPES.map(({ scope, what }) => (
              <FormControlLabel
                key={scope}
                label={
                  <>
                    <code>{scope}</code> <span className="muted small">{what}</span>
                  </>
                }
                control={
                  <Checkbox
                    size="small"
                    checked={scopes.includes(scope)}
                    onChange={(event) =>
                      setScopes(
                        event.target.checked
                          ? [...scopes, scope]
                          : scopes.filter((one) => one !== scope),
                      )
                    }
                  />
                }
              />
            ))}
          </fieldset>
          <TextField
            size="small"
            type="date"
            label="Expires at the end of"
            helperText="Empty: never"
            value={expires}
            onChange={(event) => setExpires(event.target.value)}
            slotProps={{ inputLabel: { shrink: true } }}
          />
          {making.isError ? <Notice tone="bad">{making.error.message}</Notice> : null}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="contained"
            color="primary"
            disabled={!ready || making.isPending}
          >
            Create
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}

function Secret({ made, onClose }: { readonly made: NewApiKey; readonly onClose: () => void }) {
  return (
    <Dialog open fullWidth maxWidth="sm" aria-labelledby="secret">
      <DialogTitle id="secret">{made.name}: copy the key now</DialogTitle>
      <DialogContent className="form">
        <Notice tone="warn">
          It is shown this once. The server keeps only a hash and cannot show it again.
        </Notice>
        <CodeBlock label="API key" text={made.key} />
      </DialogContent>
      <DialogActions>
        <Button variant="contained" color="primary" onClick={onClose}>
          I have it
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Revoke({ apiKey, onClose }: { readonly apiKey: ApiKey; readonly onClose: () => void }) {
  const queries = useQueryClient();
  const revoking = useMutation({
    mutationFn: () => revokeKey(apiKey.key_id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["keys"] });
      onClose();
    },
  });
  return (
    <Dialog open onClose={onClose} maxWidth="xs" aria-labelledby="revoke">
      <DialogTitle id="revoke">Revoke {apiKey.name}?</DialogTitle>
      <DialogContent className="form">
        <p>
          Whatever sends with <code>{apiKey.prefix}…</code> is refused from now on. This cannot be
          undone.
        </p>
        {revoking.isError ? <Notice tone="bad">{revoking.error.message}</Notice> : null}
      </DialogContent>
      <DialogActions>
        <Button onClick={onClose} autoFocus>
          Keep it
        </Button>
        <Button
          variant="contained"
          color="error"
          onClick={() => revoking.mutate()}
          disabled={revoking.isPending}
        >
          Revoke
        </Button>
      </DialogActions>
    </Dialog>
  );
}
