// The direction of the page: app -> features -> charts, design, api -> lib. Features meet only
// through their index.ts.
/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    { name: "no-cycles", severity: "error", from: {}, to: { circular: true } },
    {
      name: "no-orphans",
      severity: "error",
      from: { orphan: true, pathNot: ["\\.d\\.ts$", "\\.css$", "\\.svg$"] },
      to: {},
    },
    {
      name: "lib-knows-nobody",
      severity: "error",
      from: { path: "^src/lib" },
      to: { path: "^src/(api|design|charts|features|app)" },
    },
    {
      name: "api-knows-lib-only",
      severity: "error",
      from: { path: "^src/api" },
      to: { path: "^src/(design|charts|features|app)" },
    },
    {
      name: "design-knows-lib-only",
      severity: "error",
      from: { path: "^src/design" },
      to: { path: "^src/(api|charts|features|app)" },
    },
    {
      name: "charts-know-no-feature",
      severity: "error",
      from: { path: "^src/charts" },
      to: { path: "^src/(api|features|app)" },
    },
    {
      name: "prepare-is-pure",
      severity: "error",
      from: { path: "^src/charts/prepare" },
      to: { path: "^src/(charts/draw|design)|node_modules/(react|uplot)" },
    },
    {
      name: "features-know-no-app",
      severity: "error",
      from: { path: "^src/features" },
      to: { path: "^src/app" },
    },
    {
      name: "features-by-index-only",
      severity: "error",
      from: { path: "^src/features/([^/]+)/" },
      to: { path: "^src/features/([^/]+)/", pathNot: ["^src/features/$1/", "/index\\.ts$"] },
    },
    {
      name: "app-by-index-only",
      severity: "error",
      from: { path: "^src/app" },
      to: { path: "^src/features/[^/]+/", pathNot: "/index\\.ts$" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "types"] },
  },
};
