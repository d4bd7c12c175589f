"""The study behind the cadence engine: false alarms, delays and intervals on simulated organisations."""
