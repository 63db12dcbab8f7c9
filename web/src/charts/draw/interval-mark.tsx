// A value with its interval on one line, against a level. Stands beside the words that say the same.

import { SvgArea } from "./kit";

export interface IntervalMarkProps {
  readonly value: number;
  readonly interval: readonly [number, number] | null;
  readonly level: number;
}

/** From zero to twice the level, or as far as the interval reaches. */
export function IntervalMark({ value, interval, level }: IntervalMarkProps) {
  const end = Math.max(level * 2, (interval?.[1] ?? value) * 1.08);
  return (
    <SvgArea height={22} margin={{ top: 3, right: 6, bottom: 3, left: 6 }}>
      {(inner) => {
        const x = (at: number): number => (Math.max(0, at) / end) * inner.width;
        const middle = inner.height / 2;
        return (
          <>
            <line className="base" x2={inner.width} y1={middle} y2={middle} />
            <line className="ideal" x1={x(level)} x2={x(level)} y2={inner.height} />
            {interval === null ? null : (
              <line
                x1={x(interval[0])}
                x2={x(interval[1])}
                y1={middle}
                y2={middle}
                stroke="var(--series-1)"
                strokeWidth={5}
                strokeLinecap="round"
              />
            )}
            <circle
              cx={x(value)}
              cy={middle}
              r={5}
              fill="var(--surface)"
              stroke="var(--series-1)"
              strokeWidth={2.5}
            />
          </>
        );
      }}
    </SvgArea>
  );
}
