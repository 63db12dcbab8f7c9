import type { DeploymentDetail } from "../../api";
import { Pick } from "../../design";
import { useView } from "../../lib/view";

/** One model version or all; one that the URL names is offered even when it is not known. */
export function VersionPick({ deployment }: { readonly deployment: DeploymentDetail }) {
  const [view, setView] = useView();
  const versions = deployment.model_versions.map((one) => one.model_version);
  const known = view.model_version;
  const options = known === undefined || versions.includes(known) ? versions : [...versions, known];
  return (
    <Pick
      label="Version"
      value={known ?? ""}
      options={[
        { value: "", label: "all" },
        ...options.map((version) => ({ value: version, label: version })),
      ]}
      onPick={(version) => setView({ model_version: version === "" ? undefined : version })}
    />
  );
}
