"""The views' machinery: it follows the log, folds, writes, rebuilds and dumps whatever views there are."""
