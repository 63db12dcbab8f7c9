import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../design/tokens.css";
import "../design/base.css";
import { startTheme } from "../design";
import { App } from "./providers";

startTheme();
const place = document.getElementById("root");
if (place === null) {
  throw new Error("index.html has no #root");
}
createRoot(place).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
