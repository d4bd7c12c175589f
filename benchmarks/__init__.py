"""What the monitor costs, as ratios measured side by side in one run."""
