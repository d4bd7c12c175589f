"""What the monitor knows and decides: values in, values out; no I/O, no clock, no log."""
