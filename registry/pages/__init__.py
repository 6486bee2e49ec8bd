"""The public page: server-rendered HTML of the public data, and the form by which a site reports."""
