"""The loop: load, decide, apply, per cluster; timed work beside it. Refuses HTTP in."""
