import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import { ThemeProvider } from "@mui/material/styles";
import { QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useState } from "react";
import { ApiError } from "../api";
import { theme } from "../design";
import { makeRouter } from "./router";

/** The nonce the server put into the page; without one (dev server) no nonce is sent. */
function styleNonce(): { nonce?: string } {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  const nonce = meta === null ? "" : ([meta.nonce, meta.content].find((one) => one !== "") ?? "");
  return nonce === "" || nonce.startsWith("__") ? {} : { nonce };
}

function assemble() {
  // A session that ended while the page was open leads to the sign-in, and back afterwards.
  const onError = (error: Error): void => {
    const { pathname, href } = router.state.location;
    if (error instanceof ApiError && error.status === 401 && pathname !== "/signin") {
      queries.removeQueries({ queryKey: ["session"] });
      void router.navigate({ to: "/signin", search: { next: href } });
    }
  };
  const queries = new QueryClient({
    queryCache: new QueryCache({ onError }),
    defaultOptions: { queries: { refetchOnWindowFocus: false } },
  });
  const router = makeRouter(queries);
  const styles = createCache({ key: "a", ...styleNonce() });
  return { queries, router, styles };
}

export function App() {
  const [{ queries, router, styles }] = useState(assemble);
  return (
    <CacheProvider value={styles}>
      <ThemeProvider theme={theme}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </ThemeProvider>
    </CacheProvider>
  );
}
