import { dashOf } from "./prepare/frame";
import type { LegendItem } from "./prepare/frame";

export function Swatch({ item }: { readonly item: LegendItem }) {
  const color = `var(--series-${item.color})`;
  return (
    <svg width="22" height="10" aria-hidden="true" focusable="false">
      {item.area === true ? (
        <rect x="1" y="1" width="20" height="8" rx="2" fill={color} opacity="0.3" />
      ) : null}
      <line
        x1="1"
        x2="21"
        y1="5"
        y2="5"
        stroke={color}
        strokeWidth="2.25"
        strokeDasharray={dashOf(item.dash).join(" ")}
      />
    </svg>
  );
}

export function Legend({ items }: { readonly items: readonly LegendItem[] }) {
  return (
    <ul className="legend" aria-label="Legend">
      {items.map((item) => (
        <li key={`${item.label}${item.dash}`}>
          <Swatch item={item} />
          <span>{item.label}</span>
        </li>
      ))}
    </ul>
  );
}
