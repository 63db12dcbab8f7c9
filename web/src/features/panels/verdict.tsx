// What a page found, in one sentence, with what it was found in.

import type { ReactNode } from "react";
import { Icon } from "../../design";
import type { IconName, Tone } from "../../design";
import "./panels.css";

const ICONS: Readonly<Record<Tone, IconName>> = {
  ok: "check",
  warn: "warning",
  bad: "bad",
  none: "info",
};

export interface VerdictProps {
  readonly tone: Tone;
  readonly title: string;
  readonly actions?: ReactNode;
  /** What the sentence is about: name and value. */
  readonly facts: readonly (readonly [string, string])[];
  readonly children?: ReactNode;
}

export function Verdict({ tone, title, actions, facts, children }: VerdictProps) {
  return (
    <section className={`card card-pad verdict ${tone}`}>
      <div className="verdict-sentence">
        <Icon name={ICONS[tone]} size={22} />
        <h2>{title}</h2>
        {actions === undefined ? null : <div className="row wrap">{actions}</div>}
      </div>
      {children}
      <dl className="verdict-facts num small">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
