// Apart from the rest, because it brings uPlot with it: only pages with time charts load it.
export { TimeChart } from "./draw/time-chart";
