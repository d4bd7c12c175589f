"""The open-model release monitor."""

__version__ = "0.1.0"
