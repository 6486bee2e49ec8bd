"""The WHO trial registry platform (ICTRP): its export and upload XML, read; its upload, written."""
