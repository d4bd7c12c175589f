"""A bundled local hub that replays recorded history, and the demo that shows the real service watching it."""

from monitor.demo.play import play

__all__ = ["play"]
