"""What every view stands on: tables, connections, pools, moments."""
