import Dialog from "@mui/material/Dialog";
import DialogContent from "@mui/material/DialogContent";
import DialogTitle from "@mui/material/DialogTitle";
import { IconAction } from "../design";
import { useActiveShortcuts } from "../lib/shortcuts";

const GROUPS = ["Everywhere", "Time", "Panels", "Lists"] as const;

const IN_CHARTS = [
  { keys: "left right", label: "Read the previous or next point" },
  { keys: "shift left", label: "Jump by a twentieth" },
  { keys: "home end", label: "First or last point" },
  { keys: "t", label: "Show the table" },
] as const;

interface ShortcutSheetProps {
  readonly open: boolean;
  readonly onClose: () => void;
}

function Keys({ keys }: { readonly keys: string }) {
  return (
    <span className="keys">
      {keys.split(" ").map((key) => (
        <kbd key={key}>{key}</kbd>
      ))}
    </span>
  );
}

/** What the page on screen answers to. */
export function ShortcutSheet({ open, onClose }: ShortcutSheetProps) {
  const active = useActiveShortcuts();
  const groups = GROUPS.map((group) => ({
    group,
    all: active.filter(
      (one, index) =>
        one.group === group && active.findLastIndex((other) => other.keys === one.keys) === index,
    ),
  })).filter(({ all }) => all.length > 0);
  return (
    <Dialog open={open} onClose={onClose} maxWidth="md" aria-labelledby="shortcut-title">
      <DialogTitle id="shortcut-title" className="row">
        Keyboard shortcuts
        <span className="spacer" />
        <IconAction icon="close" label="Close" onClick={onClose} />
      </DialogTitle>
      <DialogContent>
        <div className="sheet">
          {groups.map(({ group, all }) => (
            <section key={group}>
              <h3>{group}</h3>
              <dl>
                {all.map((one) => (
                  <div key={one.keys}>
                    <dt>
                      <Keys keys={one.keys} />
                    </dt>
                    <dd>{one.label}</dd>
                  </div>
                ))}
              </dl>
            </section>
          ))}
          <section>
            <h3>In a chart</h3>
            <dl>
              {IN_CHARTS.map((one) => (
                <div key={one.keys}>
                  <dt>
                    <Keys keys={one.keys} />
                  </dt>
                  <dd>{one.label}</dd>
                </div>
              ))}
            </dl>
          </section>
        </div>
      </DialogContent>
    </Dialog>
  );
}
