"""Events and their log: records, their admission, and the log drivers."""
