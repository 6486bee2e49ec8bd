"""The WHO trial registry platform (ICTRP): its upload XML, written."""
