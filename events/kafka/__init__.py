"""The log in Kafka (4.x): production, three brokers or more."""
