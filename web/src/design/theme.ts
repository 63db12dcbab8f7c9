// MUI's theme, made of the tokens: every colour is a CSS variable, so one theme serves all four.

import { createTheme } from "@mui/material/styles";

const focusRing = {
  "&.Mui-focusVisible": { outline: "2px solid var(--focus)", outlineOffset: 2 },
} as const;

export const theme = createTheme({
  cssVariables: { nativeColor: true, disableCssColorScheme: true },
  palette: {
    primary: {
      main: "var(--accent)",
      light: "var(--accent)",
      dark: "var(--accent-hover)",
      contrastText: "var(--accent-contrast)",
    },
    error: {
      main: "var(--bad)",
      light: "var(--bad)",
      dark: "var(--bad)",
      contrastText: "var(--surface)",
    },
    background: { default: "var(--bg)", paper: "var(--surface)" },
    text: { primary: "var(--text)", secondary: "var(--text-3)", disabled: "var(--text-3)" },
    divider: "var(--border)",
    action: {
      active: "var(--text-2)",
      hover: "var(--surface-2)",
      selected: "var(--accent-soft)",
      disabled: "var(--text-3)",
      disabledBackground: "var(--surface-3)",
    },
  },
  typography: {
    fontFamily: "var(--font)",
    fontSize: 13.5,
    button: { textTransform: "none", fontWeight: 560, letterSpacing: 0 },
  },
  shape: { borderRadius: 7 },
  components: {
    MuiButtonBase: { defaultProps: { disableRipple: true }, styleOverrides: { root: focusRing } },
    MuiButton: {
      defaultProps: {
        disableElevation: true,
        size: "small",
        variant: "outlined",
        color: "inherit",
      },
      styleOverrides: {
        root: { minHeight: 32, whiteSpace: "nowrap", paddingInline: 12 },
        outlined: {
          borderColor: "var(--border-strong)",
          background: "var(--surface)",
          "&:hover": { background: "var(--surface-2)", borderColor: "var(--text-3)" },
          "&.Mui-disabled": { borderColor: "var(--border)" },
        },
        startIcon: { "& svg": { width: 16, height: 16 } },
      },
    },
    MuiIconButton: {
      defaultProps: { size: "small" },
      styleOverrides: {
        root: { color: "var(--text-2)", borderRadius: 7, minWidth: 28, minHeight: 28 },
      },
    },
    MuiOutlinedInput: {
      styleOverrides: {
        root: {
          background: "var(--surface)",
          "&:hover .MuiOutlinedInput-notchedOutline": { borderColor: "var(--text-3)" },
        },
        notchedOutline: { borderColor: "var(--border-strong)" },
      },
    },
    MuiPaper: { styleOverrides: { root: { backgroundImage: "none" } } },
    MuiDialog: {
      styleOverrides: { paper: { borderRadius: 12, boxShadow: "var(--shadow-pop)" } },
    },
    MuiDialogTitle: { styleOverrides: { root: { fontSize: "1.0625rem", fontWeight: 640 } } },
    MuiPopover: {
      styleOverrides: { paper: { boxShadow: "var(--shadow-pop)", borderRadius: 10 } },
    },
    MuiMenuItem: { styleOverrides: { root: { fontSize: "0.8438rem", minHeight: 34 } } },
    MuiTooltip: {
      defaultProps: { enterDelay: 350 },
      styleOverrides: {
        tooltip: {
          background: "var(--text)",
          color: "var(--surface)",
          fontSize: "0.75rem",
          fontWeight: 500,
        },
      },
    },
    MuiFormHelperText: { styleOverrides: { root: { marginInline: 2 } } },
  },
});
