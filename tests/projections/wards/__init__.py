"""A view of an aggregate that the registry does not have: wards, of which each event names one of its sites."""
