// Panels of distributions and curves over the whole range.

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { curveQuery } from "../../api";
import type { DeploymentDetail, Selection } from "../../api";
import {
  ConfusionMatrix,
  Histogram,
  LineCurve,
  ReliabilityDiagram,
  SCORE_CLASSES,
  ScoreDistribution,
  prepareConfusion,
  preparePr,
  prepareReliability,
  prepareResiduals,
  prepareRoc,
  prepareScores,
} from "../../charts";
import { CURVE_HEIGHT, CurvePanel, compareName } from "../panels";

export interface CurvesProps {
  readonly selection: Selection;
  readonly deployment: DeploymentDetail;
  readonly compare: string | undefined;
}

/** The other version's selection, when versions are compared. */
function otherSelection(selection: Selection, compare: string | undefined): Selection | null {
  const prefix = "model_version:";
  return compare?.startsWith(prefix) === true
    ? { ...selection, model_version: compare.slice(prefix.length) }
    : null;
}

export function BinaryCurves({ selection, deployment, compare }: CurvesProps) {
  const stem = selection.deployment_id;
  const other = otherSelection(selection, compare);
  const otherReliability = useQuery({
    ...curveQuery("reliability", other ?? selection),
    enabled: other !== null,
  });
  const second =
    other === null || otherReliability.data === undefined
      ? undefined
      : prepareReliability(otherReliability.data);
  const legend =
    other === null
      ? undefined
      : [
          { color: 1, dash: 0, label: selection.model_version ?? "all versions" },
          { color: 2, dash: 1, label: compareName(compare ?? "") },
        ];
  const threshold = deployment.threshold;
  const scores = useMemo(
    () => (answer: Parameters<typeof prepareScores>[0]) => prepareScores(answer, threshold),
    [threshold],
  );
  return (
    <div className="panels">
      <CurvePanel
        query={useQuery(curveQuery("reliability", selection))}
        prepare={prepareReliability}
        stem={stem}
        {...(legend === undefined ? {} : { legend })}
        draw={(model, focus) => (
          <ReliabilityDiagram model={model} height={CURVE_HEIGHT} focus={focus} other={second} />
        )}
      />
      <CurvePanel
        query={useQuery(curveQuery("score_distribution", selection))}
        prepare={scores}
        stem={stem}
        legend={SCORE_CLASSES}
        draw={(model, focus) => (
          <ScoreDistribution model={model} height={CURVE_HEIGHT} focus={focus} />
        )}
      />
      <ConfusionPanel selection={selection} />
      <CurvePanel
        query={useQuery(curveQuery("roc", selection))}
        prepare={prepareRoc}
        stem={stem}
        draw={(model, focus) => <LineCurve model={model} height={CURVE_HEIGHT} focus={focus} />}
      />
      <CurvePanel
        query={useQuery(curveQuery("pr", selection))}
        prepare={preparePr}
        stem={stem}
        draw={(model, focus) => <LineCurve model={model} height={CURVE_HEIGHT} focus={focus} />}
      />
    </div>
  );
}

function ConfusionPanel({ selection }: { readonly selection: Selection }) {
  return (
    <CurvePanel
      query={useQuery(curveQuery("confusion", selection))}
      prepare={prepareConfusion}
      stem={selection.deployment_id}
      draw={(model, focus) => <ConfusionMatrix model={model} height={CURVE_HEIGHT} focus={focus} />}
    />
  );
}

export function MulticlassCurves({ selection }: { readonly selection: Selection }) {
  return (
    <div className="panels">
      <ConfusionPanel selection={selection} />
    </div>
  );
}

export function RegressionCurves({ selection }: { readonly selection: Selection }) {
  return (
    <div className="panels">
      <CurvePanel
        query={useQuery(curveQuery("residuals", selection, { bins: "40" }))}
        prepare={prepareResiduals}
        stem={selection.deployment_id}
        draw={(model, focus) => <Histogram model={model} height={CURVE_HEIGHT} focus={focus} />}
      />
    </div>
  );
}
