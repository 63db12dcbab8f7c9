// A part of a dashboard: folded or still below the screen, it asks nothing of the server.

import { useEffect, useId, useRef, useState } from "react";
import type { ReactNode } from "react";
import { Icon } from "../../design";

const AHEAD_PX = 240;

export interface SectionProps {
  readonly title: string;
  readonly note?: string;
  /** Kept free while the content is not there yet. */
  readonly minHeight: number;
  readonly children: () => ReactNode;
}

export function Section({ title, note, minHeight, children }: SectionProps) {
  const [open, setOpen] = useState(true);
  const [near, setNear] = useState(typeof IntersectionObserver === "undefined");
  const place = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    const element = place.current;
    if (near || element === null) {
      return undefined;
    }
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) {
          setNear(true);
        }
      },
      { rootMargin: `${AHEAD_PX}px` },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [near, open]);
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
