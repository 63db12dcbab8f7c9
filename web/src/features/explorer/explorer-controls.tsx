// What is asked: the metric with what its family needs, the dimensions, the comparison, the cohort.

import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { SyntheticEvent } from "react";
import { referencesQuery } from "../../api";
import type { CatalogMetric, DeploymentDetail } from "../../api";
import { Pick } from "../../design";
import { useZone } from "../../lib/preferences";
import { useView } from "../../lib/view";
import { FilterBox, PREVIOUS, SENT_ROLES, VersionPick, referenceChoices } from "../controls";
import { GroupBy, compareName } from "../panels";
import { MetricPick } from "./metric-pick";
import { ORDERS, parameterOf } from "./words";
import type { Asked, Family } from "./words";

export interface ExplorerControlsProps {
  readonly deployment: DeploymentDetail;
  readonly families: readonly Family[];
  readonly known: CatalogMetric;
  readonly asked: Asked;
  readonly filterError: string | null;
}

const SHOWN = [
  { value: "", label: "over time" },
  { value: "groups", label: "group by group" },
];
const COMPARISONS = [
  { value: "", label: "nothing" },
  { value: "previous", label: "previous period" },
  { value: "offset:1d", label: "1 day earlier" },
  { value: "offset:7d", label: "7 days earlier" },
];

function chosenOr(value: string): string | undefined {
  return value === "" ? undefined : value;
}

export function ExplorerControls(props: ExplorerControlsProps) {
  const { deployment, families, known, asked, filterError } = props;
  const [view, setView] = useView();
  return (
    <>
      <div className="controls" role="group" aria-label="What is asked">
        <MetricPick
          families={families}
          chosen={known}
          onPick={(metric) =>
            setView({
              metric: [metric],
              k: undefined,
              quantile: undefined,
              feature: undefined,
              reference: undefined,
              by: undefined,
            })
          }
        />
        <Parameter key={known.name} known={known} />
        {known.family === "drift" ? <DriftOf deployment={deployment} /> : null}
        {known.family === "fairness" ? (
          <GroupBy
            label="Compare by"
            roles={SENT_ROLES}
            columns={deployment.columns}
            value={asked.more.by ?? []}
            onChange={(by) => setView({ by: by.length === 0 ? undefined : by })}
          />
        ) : null}
        <Pick
          label="Show"
          value={view.show ?? ""}
          options={SHOWN}
          onPick={(show) => setView({ show: chosenOr(show) })}
        />
        <GroupBy
          columns={deployment.columns}
          value={view.group_by ?? []}
          onChange={(names) => setView({ group_by: names.length === 0 ? undefined : names })}
        />
        {(view.group_by ?? []).length === 0 ? null : (
          <Pick
            label="Sort by"
            value={view.order ?? ""}
            options={ORDERS}
            onPick={(order) => setView({ order: chosenOr(order) }, { replace: true })}
          />
        )}
      </div>
      <div className="controls" role="group" aria-label="Which events">
        <VersionPick deployment={deployment} />
        <ComparePick deployment={deployment} />
        <FilterBox
          deploymentId={deployment.deployment_id}
          columns={deployment.columns}
          value={view.filter ?? ""}
          onApply={(filter) => setView({ filter: chosenOr(filter) })}
          error={filterError}
        />
      </div>
    </>
  );
}

function ComparePick({ deployment }: { readonly deployment: DeploymentDetail }) {
  const [view, setView] = useView();
  const others = deployment.model_versions
    .map((one) => one.model_version)
    .filter((version) => version !== view.model_version);
  const options = [
    ...COMPARISONS,
    ...others.map((version) => ({ value: `model_version:${version}`, label: version })),
  ];
  const chosen = view.compare ?? "";
  const known = options.some(({ value }) => value === chosen);
  return (
    <Pick
      label="Compare with"
      value={chosen}
      options={known ? options : [...options, { value: chosen, label: compareName(chosen) }]}
      onPick={(compare) => setView({ compare: chosenOr(compare) })}
    />
  );
}

/** The k of lift@k, the quantile of pinball@q: applied with Enter or on leaving the field. */
function Parameter({ known }: { readonly known: CatalogMetric }) {
  const [view, setView] = useView();
  const applied = parameterOf(known, view) ?? "";
  const [draft, setDraft] = useState(applied);
  const { parameter } = known;
  if (parameter === null) {
    return null;
  }
  const quantile = parameter.name === "quantile";
  const apply = (): void => {
    if (draft !== applied) {
      setView(quantile ? { quantile: chosenOr(draft) } : { k: chosenOr(draft) });
    }
  };
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    apply();
  };
  return (
    <form onSubmit={submit}>
      <label className="pick" title={parameter.accepts}>
        <span className="pick-label">{parameter.name}</span>
        <input
          className="explorer-field"
          value={draft}
          onChange={({ target }) => setDraft(target.value)}
          onBlur={apply}
        />
      </label>
    </form>
  );
}

/** Which column, and what it is compared with. */
function DriftOf({ deployment }: { readonly deployment: DeploymentDetail }) {
  const [view, setView] = useView();
  const zone = useZone();
  const stored = useQuery(referencesQuery(deployment.deployment_id));
  const features = deployment.columns.filter((one) => one.role === "feature");
  const usual = [
    { value: "", label: "score or prediction" },
    { value: "prediction", label: "prediction" },
    { value: "label", label: "label" },
    ...features.map(({ name }) => ({ value: `feature.${name}`, label: name })),
  ];
  const chosen = view.feature ?? "";
  const known = usual.some(({ value }) => value === chosen);
  const reference = view.reference ?? PREVIOUS;
  return (
    <>
      <Pick
        label="Column"
        value={chosen}
        options={known ? usual : [...usual, { value: chosen, label: chosen }]}
        onPick={(feature) => setView({ feature: chosenOr(feature) })}
      />
      <Pick
        label="Reference"
        value={reference}
        options={referenceChoices(reference, stored.data ?? [], zone)}
        onPick={(value) => setView({ reference: value === PREVIOUS ? undefined : value })}
      />
    </>
  );
}
