"""`python -m monitor`: the same as `release-monitor`."""

from monitor.cli import main

if __name__ == "__main__":
    main()
