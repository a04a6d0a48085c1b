"""The REST door `/api/v1`: parse, call one use case, render JSON. Refuses HTML."""
