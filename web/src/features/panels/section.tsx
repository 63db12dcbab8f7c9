// A part of a dashboard: folded or still below the screen, it asks nothing of the server.

import { useId, useRef, useState } from "react";
import type { ReactNode } from "react";
import { Icon, useNear } from "../../design";
import "./panels.css";

export interface SectionProps {
  readonly title: string;
  readonly note?: string;
  /** Kept free while the content is not there yet. */
  readonly minHeight: number;
  readonly children: () => ReactNode;
}

export function Section({ title, note, minHeight, children }: SectionProps) {
  const [open, setOpen] = useState(true);
  const place = useRef<HTMLDivElement>(null);
  const near = useNear(place, open);
  const id = useId();
  return (
    <section className="section" aria-labelledby={id}>
      <h2 id={id}>
        <button
          type="button"
          className="section-toggle"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? "chevronDown" : "chevronRight"} size={16} />
          {title}
          {note === undefined ? null : <span className="section-note">{note}</span>}
        </button>
      </h2>
      {open ? (
        <div ref={place} style={near ? undefined : { minHeight }}>
          {near ? children() : null}
        </div>
      ) : null}
    </section>
  );
}
