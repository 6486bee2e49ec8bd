"""Law as dated tables: regimes, procedures of applications, halts and restarts. Each row cites what it rests on."""
