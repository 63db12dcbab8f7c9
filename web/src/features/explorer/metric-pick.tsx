import type { CatalogMetric } from "../../api";
import { Icon } from "../../design";
import type { Family } from "./words";

export interface MetricPickProps {
  readonly families: readonly Family[];
  readonly chosen: CatalogMetric;
  readonly onPick: (metric: string) => void;
}

/** A native select, its metrics in the families of the catalogue. */
export function MetricPick({ families, chosen, onPick }: MetricPickProps) {
  const known = families.some(({ metrics }) => metrics.includes(chosen));
  const all = known ? families : [{ name: chosen.family, metrics: [chosen] }, ...families];
  return (
    <label className="pick">
      <span className="pick-label">Metric</span>
      <select value={chosen.name} onChange={({ target }) => onPick(target.value)}>
        {all.map(({ name, metrics }) => (
          <optgroup key={name} label={name}>
            {metrics.map((metric) => (
              <option key={metric.name} value={metric.name}>
                {metric.title}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <Icon name="chevronDown" size={14} />
    </label>
  );
}
