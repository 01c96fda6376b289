"""Pages. A view parses the request, calls a service in one transaction, and renders; it decides nothing."""
