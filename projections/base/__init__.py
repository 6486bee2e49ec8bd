"""The base of every view: tables, connections, pools, moments."""
