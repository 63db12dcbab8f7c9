import Button from "@mui/material/Button";
import { Link, useRouter } from "@tanstack/react-router";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { ApiError } from "../api";
import { EmptyState } from "../design";

/** Says what went wrong, with the request id that finds it in the server's log. */
export function PageError({ error, reset }: ErrorComponentProps) {
  const router = useRouter();
  const again = (): void => {
    reset();
    void router.invalidate();
  };
  const known = error instanceof ApiError ? error : null;
  return (
    <main className="page" id="main">
      <EmptyState
        icon="bad"
        title={
          known?.status === 0 ? "The server cannot be reached" : "This page could not be shown"
        }
        action={
          <Button variant="contained" color="primary" onClick={again}>
            Try again
          </Button>
        }
      >
        <p role="alert">{error instanceof Error ? error.message : "Something failed."}</p>
        {known?.requestId === undefined || known.requestId === null ? null : (
          <p className="small">
            Request id <code>{known.requestId}</code>
          </p>
        )}
      </EmptyState>
    </main>
  );
}

export function NotFound() {
  return (
    <main className="page" id="main">
      <EmptyState
        icon="search"
        title="There is no such page"
        action={<Link to="/">To the start</Link>}
      >
        The address may be from a newer version, or mistyped.
      </EmptyState>
    </main>
  );
}

export function PagePending() {
  return (
    <div className="page" role="status" aria-label="Loading">
      <div className="skeleton" style={{ height: 30, width: 260 }} />
      <div className="skeleton" style={{ height: 130 }} />
      <div className="skeleton" style={{ height: 260 }} />
    </div>
  );
}
