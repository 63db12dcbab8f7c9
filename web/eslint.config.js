import jsxA11y from "eslint-plugin-jsx-a11y-x";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

const rawColour = "Literal[value=/^#([0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})$/]";

export default tseslint.config(
  { ignores: ["dist", "node_modules"] },
  {
    files: ["src/**/*.{ts,tsx}", "tests/**/*.{ts,tsx}"],
    extends: [
      ...tseslint.configs.strictTypeChecked,
      ...tseslint.configs.stylisticTypeChecked,
      jsxA11y.configs.strict ?? jsxA11y.flatConfigs?.strict,
      reactHooks.configs.flat.recommended,
    ],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      eqeqeq: "error",
      "no-console": "error",
      "no-restricted-syntax": [
        "error",
        { selector: rawColour, message: "Colours come from tokens.css." },
        { selector: "ExportDefaultDeclaration", message: "Named exports only." },
      ],
      // Scrolling regions and charts must be reachable by keyboard.
      "jsx-a11y-x/no-noninteractive-tabindex": [
        "error",
        { tags: ["pre"], roles: ["region", "application"], allowExpressionValues: true },
      ],
      // Inside a dialog the first field is where the keyboard belongs; MUI's props do that.
      "jsx-a11y-x/no-autofocus": ["error", { ignoreNonDOM: true }],
      "@typescript-eslint/only-throw-error": [
        "error",
        { allow: [{ from: "package", name: "Redirect", package: "@tanstack/router-core" }] },
      ],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
);
