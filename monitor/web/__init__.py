"""The release log on the web: pages, a JSON API, feeds, and what tells other machines how the monitor fares."""
