"""A bundled local hub that replays recorded history."""
