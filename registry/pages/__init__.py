"""The public page: server-rendered HTML of what anyone may read, and the form by which a site reports."""
