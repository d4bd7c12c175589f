"""How often an organisation releases, and whether that is changing."""
