"""What happened, and where it is kept: records, their admission, and the log drivers."""
