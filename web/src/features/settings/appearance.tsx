import FormControlLabel from "@mui/material/FormControlLabel";
import Radio from "@mui/material/Radio";
import RadioGroup from "@mui/material/RadioGroup";
import Switch from "@mui/material/Switch";
import { setPreferences, usePreferences } from "../../lib/preferences";
import type { ThemeChoice } from "../../lib/preferences";
import { usePageTitle } from "../../lib/page-title";
import type { TimeZone } from "../../lib/time";

const THEMES: readonly { readonly value: ThemeChoice; readonly label: string }[] = [
  { value: "system", label: "Like the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "hc-light", label: "Light, high contrast" },
  { value: "hc-dark", label: "Dark, high contrast" },
];

export function AppearancePage() {
  usePageTitle("Appearance");
  const { theme, zone, shortcuts } = usePreferences();
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <>
      <div>
        <h1>Appearance</h1>
        <p className="lead muted">Kept in this browser only.</p>
      </div>
      <section className="card card-pad form narrow">
        <fieldset>
          <legend id="theme-legend">Theme</legend>
          <RadioGroup
            aria-labelledby="theme-legend"
            value={theme}
            onChange={(_, value) => setPreferences({ theme: value as ThemeChoice })}
          >
            {THEMES.map(({ value, label }) => (
              <FormControlLabel
                key={value}
                value={value}
                label={label}
                control={<Radio size="small" />}
              />
            ))}
          </RadioGroup>
        </fieldset>
        <fieldset>
          <legend id="zone-legend">Times are shown in</legend>
          <RadioGroup
            aria-labelledby="zone-legend"
            value={zone}
            onChange={(_, value) => setPreferences({ zone: value as TimeZone })}
          >
            <FormControlLabel
              value="browser"
              label={`This browser's time zone (${here})`}
              control={<Radio size="small" />}
            />
            <FormControlLabel value="utc" label="UTC" control={<Radio size="small" />} />
          </RadioGroup>
        </fieldset>
        <FormControlLabel
          label="Single-key shortcuts (press ? to see them)"
          control={
            <Switch checked={shortcuts} onChange={(_, on) => setPreferences({ shortcuts: on })} />
          }
        />
      </section>
    </>
  );
}
