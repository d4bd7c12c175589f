// Every message, as blocks, against Slack's own types: the compiler is the test. The messages are written below this.
import type { KnownBlock } from "@slack/types";

// https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block; @slack/types does not know it yet.
interface DataVisualization {
  type: "data_visualization";
  block_id?: string;
  title: string;
  chart: {
    type: "bar" | "line" | "area";
    series: { name: string; data: { label: string; value: number }[] }[];
    axis_config: { categories: string[]; x_label?: string; y_label?: string };
  };
}
type Message = (KnownBlock | DataVisualization)[];

// The compiler does refuse: each of these lines must be an error.
// @ts-expect-error a header is plain text
export const formatted: Message = [{ type: "header", text: { type: "mrkdwn", text: "x" } }];
// @ts-expect-error no such block
export const unknown: Message = [{ type: "heading", text: { type: "plain_text", text: "x" } }];
// @ts-expect-error no such key
export const key: Message = [{ type: "section", text: { type: "plain_text", text: "x" }, title: "x" }];
// @ts-expect-error a point has a number
export const point: Message = [{ type: "data_visualization", title: "x", chart: { type: "bar", series: [{ name: "x", data: [{ label: "x", value: "1" }] }], axis_config: { categories: ["x"] } } }];
