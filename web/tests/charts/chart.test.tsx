import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { Chart, Histogram, prepareResiduals } from "../../src/charts";
import { nextPosition } from "../../src/charts/chart";

const model = prepareResiduals({
  n: 6,
  reason: null,
  points: [
    { lo: -2, hi: -1, n: 1 },
    { lo: -1, hi: 0, n: 3 },
    { lo: 0, hi: 1, n: 2 },
  ],
});

function show(onOpen?: (position: number) => void) {
  render(
    <Chart
      frame={model.frame}
      fileStem="demo"
      height={200}
      {...(onOpen === undefined ? {} : { onOpen })}
    >
      {(focus) => <Histogram model={model} height={200} focus={focus} />}
    </Chart>,
  );
  return screen.getByRole("application");
}

it("is read with the arrow keys", async () => {
  const opened = vi.fn();
  const plot = show(opened);
  expect(plot).toHaveAccessibleName(expect.stringContaining("Errors of 6 labelled events"));
  const status = screen.getByRole("status");
  plot.focus();
  await userEvent.keyboard("{ArrowRight}{ArrowRight}");
  expect(status).toHaveTextContent("-1 to 0: 3 events (50 %)");
  await userEvent.keyboard("{End}");
  expect(status).toHaveTextContent("0 to 1: 2 events");
  await userEvent.keyboard("{Enter}");
  expect(opened).toHaveBeenCalledWith(2);
  await userEvent.tab();
  expect(status).toBeEmptyDOMElement();
});

it("has a table twin, by key and by button", async () => {
  const plot = show();
  plot.focus();
  await userEvent.keyboard("t");
  const table = screen.getByRole("table");
  expect(within(table).getAllByRole("row")).toHaveLength(4);
  await userEvent.click(screen.getByRole("button", { name: /as a chart/ }));
  expect(screen.queryByRole("table")).toBeNull();
});

it("downloads its numbers", async () => {
  show();
  const made: Blob[] = [];
  vi.stubGlobal(
    "URL",
    Object.assign(URL, {
      createObjectURL: (blob: Blob) => {
        made.push(blob);
        return "blob:x";
      },
      revokeObjectURL: () => undefined,
    }),
  );
  const click = vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(() => undefined);
  await userEvent.click(screen.getByRole("button", { name: /Download .* as CSV/ }));
  expect(click).toHaveBeenCalledOnce();
  expect(await made[0]?.text()).toBe("lo,hi,n\r\n-2,-1,1\r\n-1,0,3\r\n0,1,2\r\n");
  vi.unstubAllGlobals();
});

it("explains itself", async () => {
  show();
  await userEvent.click(screen.getByRole("button", { name: /^About/ }));
  expect(await screen.findByRole("dialog")).toHaveTextContent("prediction minus label");
});

it("says why there is nothing", () => {
  const empty = prepareResiduals({ n: 0, reason: "no_labels", points: [] });
  render(
    <Chart frame={empty.frame} fileStem="demo" height={200}>
      {() => <p>drawn</p>}
    </Chart>,
  );
  expect(screen.getByText("No value: no labels")).toBeInTheDocument();
  expect(screen.queryByText("drawn")).toBeNull();
});

it("moves by one, by a twentieth, and to the ends", () => {
  expect(nextPosition("ArrowRight", false, null, 100)).toBe(0);
  expect(nextPosition("ArrowLeft", false, null, 100)).toBe(99);
  expect(nextPosition("ArrowRight", true, 10, 100)).toBe(15);
  expect(nextPosition("ArrowRight", true, 98, 100)).toBe(99);
  expect(nextPosition("Home", false, 50, 100)).toBe(0);
  expect(nextPosition("End", false, 50, 100)).toBe(99);
  expect(nextPosition("x", false, 50, 100)).toBeNull();
});
