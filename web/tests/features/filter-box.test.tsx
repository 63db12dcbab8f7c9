import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { FilterBox } from "../../src/features/controls";

const COLUMNS = [{ name: "origin", type: "string", role: "metadata" }];

beforeEach(() => {
  const body = { column: "origin", values: [{ value: "DEN", n: 12 }] };
  vi.stubGlobal(
    "fetch",
    vi.fn(() => Promise.resolve(new Response(JSON.stringify(body)))),
  );
});

function show(error: string | null = null) {
  const onApply = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <FilterBox
        deploymentId="flight_delay"
        columns={COLUMNS}
        value=""
        onApply={onApply}
        error={error}
      />
    </QueryClientProvider>,
  );
  return onApply;
}

it("leads from a column to a value by keyboard", async () => {
  const onApply = show();
  const box = screen.getByRole("combobox");
  await userEvent.type(box, "or");
  expect(screen.getByRole("option", { name: /origin/ })).toBeInTheDocument();
  await userEvent.keyboard("{ArrowDown}{Enter}");
  expect(box).toHaveValue("origin ");
  await userEvent.keyboard("= ");
  const option = await screen.findByRole("option", { name: /DEN/ });
  expect(option).toHaveTextContent("12 events");
  await userEvent.keyboard("{ArrowDown}{Tab}");
  expect(box).toHaveValue('origin = "DEN" ');
  await userEvent.keyboard("{Escape}{Enter}");
  expect(onApply).toHaveBeenCalledWith('origin = "DEN"');
});

it("puts the caret behind a taken suggestion before the next key", () => {
  vi.stubGlobal("requestAnimationFrame", () => 0); // a frame that never comes
  show();
  const box = screen.getByRole<HTMLInputElement>("combobox");
  fireEvent.focus(box);
  fireEvent.change(box, { target: { value: "or and score > 1" } });
  box.setSelectionRange(2, 2);
  fireEvent.select(box);
  fireEvent.keyDown(box, { key: "ArrowDown" });
  fireEvent.keyDown(box, { key: "Enter" });
  expect(box).toHaveValue("origin and score > 1");
  expect(box.selectionStart).toBe("origin ".length);
});

it("shows what the server says is wrong", () => {
  show('unexpected "=" at 8');
  expect(screen.getByRole("alert")).toHaveTextContent('unexpected "=" at 8');
  expect(screen.getByRole("combobox")).toBeInvalid();
});
