"""Writes `docs/reference`: what can be read off the code is never typed by hand.

`make docs` writes; `python -m docs.generator --check` compares, as a house test does.
"""
