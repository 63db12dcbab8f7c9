// Items the server refused and kept: why, what they were, and a way to send them again.

import Button from "@mui/material/Button";
import TextField from "@mui/material/TextField";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError, deadLettersQuery, replayDeadLetter } from "../../api";
import type { DeadLetter } from "../../api";
import { EmptyState, Icon, Notice, StatusTag } from "../../design";
import { useZone } from "../../lib/preferences";
import { reasonWords } from "../../lib/numbers";
import { usePageTitle } from "../../lib/page-title";
import { formatInstant } from "../../lib/time";
import "./events.css";

export function DeadLettersPage() {
  usePageTitle("Dead letters");
  const found = useInfiniteQuery(deadLettersQuery());
  const letters = found.data?.pages.flatMap((page) => page.dead_letters) ?? [];
  return (
    <div className="page">
      <div>
        <p className="small">
          <Link to="/events">Events</Link>
        </p>
        <h1>Dead letters</h1>
        <p className="lead muted">
          Items that were refused, kept with the reason. Correct one and send it again.
        </p>
      </div>
      {found.isError ? <Notice tone="bad">{found.error.message}</Notice> : null}
      {found.isSuccess && letters.length === 0 ? (
        <div className="card">
          <EmptyState icon="check" title="Nothing was refused">
            Every item sent to this project was taken.
          </EmptyState>
        </div>
      ) : null}
      <ul className="letters">
        {letters.map((letter) => (
          <li key={letter.id}>
            <Letter letter={letter} />
          </li>
        ))}
      </ul>
      {found.hasNextPage ? (
        <div>
          <Button onClick={() => void found.fetchNextPage()} disabled={found.isFetchingNextPage}>
            Load more
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function pretty(item: string): string {
  try {
    return JSON.stringify(JSON.parse(item), null, 2);
  } catch {
    // Not JSON is one of the reasons for being here.
    return item;
  }
}

function Letter({ letter }: { readonly letter: DeadLetter }) {
  const zone = useZone();
  const queries = useQueryClient();
  const [text, setText] = useState(() => pretty(letter.item));
  const replay = useMutation({
    mutationFn: () =>
      text === pretty(letter.item)
        ? replayDeadLetter(letter.id)
        : replayDeadLetter(letter.id, JSON.parse(text)),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["dead-letters"] }),
  });
  const refused = replay.data?.rejected[0];
  return (
    <details className="card letter">
      <summary>
        <span className="row wrap">
          <StatusTag tone={letter.replayed ? "ok" : "bad"}>
            {letter.replayed ? "sent again" : reasonWords(letter.code)}
          </StatusTag>
          <span>{letter.detail}</span>
          <span className="spacer" />
          <span className="muted small num">
            {letter.kind} · {formatInstant(Date.parse(letter.received_at), zone, "second")}
          </span>
        </span>
      </summary>
      <div className="letter-body">
        {letter.pointer === null ? null : (
          <p className="small">
            Field <code>{letter.pointer}</code>
          </p>
        )}
        <TextField
          multiline
          minRows={3}
          maxRows={16}
          fullWidth
          size="small"
          label="Item"
          value={text}
          onChange={(event) => setText(event.target.value)}
          slotProps={{ htmlInput: { className: "mono", spellCheck: false } }}
        />
        {replay.isError ? (
          <Notice tone="bad">
            {replay.error instanceof ApiError && replay.error.status === 422
              ? `Refused again: ${replay.error.message}`
              : replay.error.message}
          </Notice>
        ) : null}
        {refused === undefined ? null : (
          <Notice tone="bad">
            Refused again: {refused.detail === "" ? refused.code : refused.detail}
          </Notice>
        )}
        {replay.isSuccess && refused === undefined ? (
          <Notice tone="info">
            {replay.data.ingested > 0 ? "Taken." : "Already there: counted as a duplicate."}
          </Notice>
        ) : null}
        <div>
          <Button
            startIcon={<Icon name="refresh" />}
            onClick={() => replay.mutate()}
            disabled={replay.isPending}
          >
            Send again
          </Button>
        </div>
      </div>
    </details>
  );
}
