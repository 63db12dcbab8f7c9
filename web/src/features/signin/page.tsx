// Signing in: with the one-time link the server printed, or with an API key.

import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { SyntheticEvent } from "react";
import { ApiError, sessionQuery, signIn } from "../../api";
import { CodeBlock, Mark, Notice } from "../../design";
import { useView } from "../../lib/view";
import "./signin.css";

/** The token of `/signin#token=…`; a fragment is never sent to any server or log. */
export function tokenOf(hash: string): string | null {
  return new URLSearchParams(hash.replace(/^#/, "")).get("token");
}

/** Only a path of this page may follow the sign-in, never another site. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : "/";
}

function problemText(error: Error): string {
  if (error instanceof ApiError && error.status === 401) {
    return "That was not accepted. A sign-in link works once; a key must be whole and not revoked.";
  }
  return error.message;
}

export function SignInPage() {
  const [view] = useView();
  const router = useRouter();
  const queries = useQueryClient();
  const [key, setKey] = useState("");
  const tried = useRef(false);
  const signing = useMutation({
    mutationFn: signIn,
    onSuccess: async (session) => {
      queries.setQueryData(sessionQuery().queryKey, session);
      await router.navigate({ href: safeNext(view.next), replace: true });
    },
  });
  const { mutate } = signing;
  useEffect(() => {
    const token = tokenOf(window.location.hash);
    if (token !== null && !tried.current) {
      tried.current = true;
      window.history.replaceState(null, "", window.location.pathname + window.location.search);
      mutate({ token });
    }
    document.title = "Sign in · aiml042";
  }, [mutate]);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    mutate({ key: key.trim() });
  };
  return (
    <main className="signin" id="main">
      <div className="card signin-card">
        <div className="signin-brand">
          <Mark size={36} />
          <span>aiml042</span>
        </div>
        <h1>Sign in</h1>
        <p className="muted">
          Open the one-time link the server printed when it started, or paste an API key.
        </p>
        {signing.isError ? <Notice tone="bad">{problemText(signing.error)}</Notice> : null}
        <form onSubmit={submit}>
          <TextField
            fullWidth
            size="small"
            label="API key"
            type="password"
            autoComplete="current-password"
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
          <Button
            type="submit"
            variant="contained"
            color="primary"
            fullWidth
            disabled={key.trim() === "" || signing.isPending}
          >
            {signing.isPending ? "Signing in…" : "Sign in"}
          </Button>
        </form>
        <details>
          <summary>No link and no key?</summary>
          <p className="muted small">On the server, in its data directory, make a new admin key:</p>
          <CodeBlock
            label="Command that creates an admin key"
            text="aiml042 keys create --name me --scope admin"
          />
        </details>
      </div>
    </main>
  );
}
