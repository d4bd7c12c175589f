"""Draw charts: one drawing for the web page, for pictures in messages and for documents."""
