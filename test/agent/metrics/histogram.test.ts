import t from "tap";
import { Histogram, HistogramWindow, quantileOf } from "../../../src/agent/metrics/histogram.ts";

void t.test("a value falls below the first bound that it does not exceed", (t) => {
  const histogram = new Histogram([1, 10]);
  for (const value of [0, 1, 1.5, 10, 10.1, 1e9]) histogram.record(value);
  t.same([...histogram.counts], [2, 2, 2]);
  t.equal(histogram.count, 6);
  t.equal(histogram.sum, 22.6 + 1e9);
  t.end();
});

void t.test("quantiles lie within the bounds of their bucket", (t) => {
  const bounds = [1, 10, 100];
  t.equal(quantileOf([0, 0, 0, 0], bounds, 0.5), undefined, "of nothing there is none");
  t.equal(quantileOf([10, 0, 0, 0], bounds, 0.5), 0.5);
  t.equal(quantileOf([99, 0, 1, 0], bounds, 0.99), 1);
  t.equal(quantileOf([90, 0, 10, 0], bounds, 0.95), 55);
  t.equal(quantileOf([0, 0, 0, 5], bounds, 0.5), 100, "above the last bound it is that bound");
  t.end();
});

void t.test("a window forgets what came before it", (t) => {
  const histogram = new Histogram([1, 10, 100]);
  histogram.record(50);
  const window = new HistogramWindow(histogram);
  histogram.record(0.5);
  window.look();
  t.same([window.count, window.quantile(1)], [1, 1]);
  window.look();
  t.same([window.count, window.quantile(1)], [0, undefined]);
  t.equal(histogram.count, 2, "and the histogram goes on counting");
  t.end();
});
