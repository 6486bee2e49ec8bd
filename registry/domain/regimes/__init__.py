"""Law as dated tables: regimes, procedures of applications, halts and restarts. Each row cites its basis."""
