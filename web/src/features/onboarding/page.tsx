// First run: a real key, a snippet with the key in it, and a wait that ends at the first event.

import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { useMutation, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import type { ReactNode } from "react";
import { createKey, deploymentsQuery, lastRejectedQuery, sessionQuery } from "../../api";
import { CodeBlock, Icon, Notice } from "../../design";
import { advance } from "../../lib/clock";
import { formatAgo } from "../../lib/time";
import { usePageTitle } from "../../lib/page-title";
import { curlSnippet, labelSnippet, pythonSnippet } from "./snippets";
import "./onboarding.css";

const POLL_MS = 1500;
const TABS = [
  { id: "python", label: "Python" },
  { id: "curl", label: "curl" },
] as const;
type Tab = (typeof TABS)[number]["id"];

/** Goes to the dashboard of the first deployment that appears while this page waits. */
function useFirstEvent(): void {
  const navigate = useNavigate();
  const before = useRef<ReadonlySet<string> | null>(null);
  const { data } = useQuery({ ...deploymentsQuery(), staleTime: 0, refetchInterval: POLL_MS });
  useEffect(() => {
    if (data === undefined) {
      return;
    }
    const seen = data.filter((one) => one.events > 0).map((one) => one.deployment_id);
    const known = (before.current ??= new Set(seen));
    const arrived = seen.find((id) => !known.has(id));
    if (arrived !== undefined) {
      advance();
      void navigate({
        to: "/dashboards/$deployment",
        params: { deployment: arrived },
        search: { from: "now-15m", to: "now" },
      });
    }
  }, [data, navigate]);
}

export function StartPage() {
  usePageTitle("First event");
  const { data: session } = useSuspenseQuery(sessionQuery());
  const [deployment, setDeployment] = useState("my_model");
  const [tab, setTab] = useState<Tab>("python");
  const making = useMutation({ mutationFn: createKey });
  const key = making.data?.key;
  const mayCreate = session.scopes.includes("admin");
  useFirstEvent();
  const input = {
    endpoint: window.location.origin,
    key: key ?? "YOUR_KEY",
    deployment: deployment.trim() === "" ? "my_model" : deployment.trim(),
  };
  const make = (): void =>
    making.mutate({ name: `first key of ${input.deployment}`, scopes: ["ingest:write"] });
  return (
    <div className="page start">
      <div>
        <h1>Send the first event</h1>
        <p className="lead muted">
          Three steps, about a minute. This page turns into the dashboard when the event arrives.
        </p>
      </div>
      <ol className="steps">
        <Step number={1} title="Name the deployment and make a key" done={key !== undefined}>
          <div className="row wrap">
            <TextField
              size="small"
              label="Deployment"
              value={deployment}
              onChange={(event) => setDeployment(event.target.value)}
            />
            <Button
              variant="contained"
              color="primary"
              startIcon={<Icon name="key" />}
              onClick={make}
              disabled={making.isPending || key !== undefined || !mayCreate}
            >
              {key === undefined ? "Create a key" : "Key created"}
            </Button>
          </div>
          {mayCreate ? null : (
            <Notice tone="warn">
              Your session may not create keys. Ask an admin, or run{" "}
              <code>aiml042 keys create --name my-app --scope ingest:write</code> on the server.
            </Notice>
          )}
          {making.isError ? <Notice tone="bad">{making.error.message}</Notice> : null}
          {key === undefined ? null : (
            <div className="secret">
              <p className="small muted">
                It may write events and nothing else. It is shown once and kept only as a hash.
              </p>
              <CodeBlock label="API key" text={key} />
            </div>
          )}
        </Step>
        <Step number={2} title="Run this" done={false}>
          <div className="tabs" role="tablist" aria-label="Language">
            {TABS.map(({ id, label }) => (
              <button
                key={id}
                type="button"
                role="tab"
                id={`tab-${id}`}
                aria-selected={tab === id}
                aria-controls="snippet"
                tabIndex={tab === id ? 0 : -1}
                onClick={() => setTab(id)}
                onKeyDown={(event) => {
                  if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
                    const other = id === "python" ? "curl" : "python";
                    setTab(other);
                    document.getElementById(`tab-${other}`)?.focus();
                  }
                }}
              >
                {label}
              </button>
            ))}
          </div>
          <div role="tabpanel" id="snippet" aria-labelledby={`tab-${tab}`}>
            <CodeBlock
              label={tab === "python" ? "Python snippet" : "curl snippet"}
              text={tab === "python" ? pythonSnippet(input) : curlSnippet(input)}
            />
            {tab === "python" ? (
              <p className="small muted">
                Install the SDK from the repository with <code>pip install ./sdk/python</code>. It
                sends in the background and flushes when the process ends.
              </p>
            ) : null}
          </div>
        </Step>
        <Step number={3} title="Wait for it here" done={false}>
          <Waiting />
          <details>
            <summary>Then send what really happened</summary>
            <p className="small muted">
              A label may come before its event or weeks after; every number it touches is
              corrected.
            </p>
            <CodeBlock label="curl snippet for a label" text={labelSnippet(input)} />
          </details>
        </Step>
      </ol>
      <p className="small muted">
        Only looking? Stop the server and run <code>aiml042 demo</code>, or go{" "}
        <Link to="/">to the project home</Link>.
      </p>
    </div>
  );
}

interface StepProps {
  readonly number: number;
  readonly title: string;
  readonly done: boolean;
  readonly children: ReactNode;
}

function Step({ number, title, done, children }: StepProps) {
  return (
    <li className="card step">
      <span className={done ? "step-number done" : "step-number"} aria-hidden="true">
        {done ? <Icon name="check" size={16} /> : number}
      </span>
      <div className="step-body">
        <h2>{title}</h2>
        {children}
      </div>
    </li>
  );
}

/** The spinner, and the last refused item with its reason: the usual cause of waiting in vain. */
function Waiting() {
  const rejected = useQuery({ ...lastRejectedQuery(), refetchInterval: POLL_MS, retry: false });
  const [opened] = useState(() => Date.now());
  const last = rejected.data ?? null;
  const fresh = last !== null && Date.parse(last.received_at) >= opened - 60_000;
  return (
    <>
      <p className="waiting" role="status">
        <span className="pulse" aria-hidden="true" />
        Waiting for the first event…
      </p>
      {last === null ? null : (
        <Notice tone={fresh ? "bad" : "info"}>
          Last refused item ({formatAgo(Date.parse(last.received_at), rejected.dataUpdatedAt)}):{" "}
          <strong>{last.detail}</strong>
          {last.pointer === null ? null : (
            <>
              {" "}
              at <code>{last.pointer}</code>
            </>
          )}
          . <Link to="/dead-letters">Dead letters</Link>
        </Notice>
      )}
    </>
  );
}
