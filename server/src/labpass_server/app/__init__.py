"""The one place that wires: adapters into use cases, use cases into doors. Refuses decisions."""
