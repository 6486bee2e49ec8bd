"""What people read of a programme and its regions: pure functions over their documents, for API and pages alike."""
