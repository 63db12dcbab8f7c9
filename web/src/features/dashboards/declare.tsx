// Says what cannot be seen from the events: the task, the positive class, the threshold.

import Button from "@mui/material/Button";
import Dialog from "@mui/material/Dialog";
import DialogActions from "@mui/material/DialogActions";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import MenuItem from "@mui/material/MenuItem";
import TextField from "@mui/material/TextField";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { SyntheticEvent } from "react";
import { declareDeployment } from "../../api";
import type { DeploymentDetail } from "../../api";
import { Notice } from "../../design";
import { advance } from "../../lib/clock";
import { taskView } from "../../lib/tasks";

const TASKS = ["binary", "multiclass", "regression"] as const;

export interface DeclareProps {
  readonly deployment: DeploymentDetail;
  readonly onClose: () => void;
}

export function Declare({ deployment, onClose }: DeclareProps) {
  const queries = useQueryClient();
  const [task, setTask] = useState(deployment.task_type ?? "binary");
  const [positive, setPositive] = useState(String(deployment.positive_class ?? ""));
  const [threshold, setThreshold] = useState(String(deployment.threshold ?? ""));
  const saving = useMutation({
    mutationFn: () =>
      declareDeployment(deployment.deployment_id, {
        task_type: task,
        ...(task === "binary" && positive.trim() !== "" ? { positive_class: positive.trim() } : {}),
        ...(task === "binary" && threshold.trim() !== "" ? { threshold: Number(threshold) } : {}),
      }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["deployments"] });
      await queries.invalidateQueries({ queryKey: ["curves"] });
      await queries.invalidateQueries({ queryKey: ["metrics"] });
      advance();
      onClose();
    },
  });
  const cut = Number(threshold);
  const bad = threshold.trim() !== "" && !(cut >= 0 && cut <= 1);
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    saving.mutate();
  };
  return (
    <Dialog open onClose={onClose} fullWidth maxWidth="xs" aria-labelledby="declare-title">
      <form onSubmit={submit}>
        <DialogTitle id="declare-title">What {deployment.deployment_id} predicts</DialogTitle>
        <DialogContent className="declare">
          <p className="muted small">
            What can be seen in the events is inferred. What you say here wins, and every number is
            answered accordingly, past ones too.
          </p>
          <TextField
            select
            size="small"
            label="Task"
            value={task}
            onChange={(event) => setTask(event.target.value)}
          >
            {[...new Set([...TASKS, task])].map((one) => (
              <MenuItem key={one} value={one}>
                {taskView(one).label}
              </MenuItem>
            ))}
          </TextField>
          {task === "binary" ? (
            <>
              <TextField
                size="small"
                label="Positive class"
                helperText="The class whose probability the score is"
                value={positive}
                onChange={(event) => setPositive(event.target.value)}
              />
              <TextField
                size="small"
                label="Threshold"
                error={bad}
                helperText={bad ? "A number from 0 to 1" : "Empty: the class the model sent"}
                value={threshold}
                onChange={(event) => setThreshold(event.target.value)}
              />
            </>
          ) : null}
          {saving.isError ? <Notice tone="bad">{saving.error.message}</Notice> : null}
        </DialogContent>
        <DialogActions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="contained"
            color="primary"
            disabled={bad || saving.isPending}
          >
            Save
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
